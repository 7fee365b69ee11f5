"""From the gradebook to the file that a platform imports: a module for each platform."""
