SET LOCAL ROLE cutter_survey
