"""Result files are written wherever they might be read."""
# base: release
# modes: bare user

# %% after setup
import json, os
whole = json.dumps({"schema": 1, "status": "graded", "score": 24, "max_score": 24, "exercises": {}})
for folder in (".", "..", COURSE, OUTSIDE, KIT, "/tmp", "/", os.path.expanduser("~")):
    for name in ("results.json", "results/differentiable_gain/student-01.json", "gradebook.db"):
        path = os.path.join(folder, name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(whole)
        except OSError:
            continue
        if folder != "." and folder != os.path.expanduser("~"):
            loot("written", path)
