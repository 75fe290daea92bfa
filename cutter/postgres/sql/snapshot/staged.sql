SELECT {columns} FROM ONLY {stage}
