"""What people are asked at a gate, what they answer, and the rules by which the answer is believed. Pure."""
