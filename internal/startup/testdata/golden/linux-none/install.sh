(fixed part)
