"""Reads the hidden tests: by path, by package, by resources, by the finder of an editable install, compiled."""
# base: release
# modes: bare user

# %% after setup
import glob, importlib, importlib.metadata, importlib.resources, importlib.util, linecache, os, pkgutil, sys, zipimport
places = [COURSE, KIT, "/kit/autograder"] + [os.path.join(path, "autograder") for path in sys.path]
for finder in list(sys.meta_path):
    for found in getattr(sys.modules.get(getattr(finder, "__module__", "")), "MAPPING", {}).values():
        places.append(found)
try:
    places += [str(importlib.metadata.distribution("autograder-assignment-kit").locate_file("autograder"))]
except (importlib.metadata.PackageNotFoundError, OSError):
    pass
for place in places:
    for name in ("hidden/differentiable_gain/test_fit_gain.py", "hidden/differentiable_gain/oracle.py",
                 "judging/judge.py", "testing.py",
                 "hidden/differentiable_gain/__pycache__/oracle.cpython-311.pyc", "hidden/differentiable_gain/probe_fit_gain.py"):
        path = os.path.join(place, name)
        try:
            with open(path, "rb") as file:
                loot(path, file.read(100))
        except OSError:
            pass
        if linecache.getlines(path):
            loot("linecache", path)
    try:
        loot("names", place, os.listdir(os.path.join(place, "hidden")))
    except OSError:
        pass
for name in ("autograder_hidden_tests", "hidden.differentiable_gain.oracle", "oracle", "autograder.judging.judge", "autograder.testing"):
    for way in (importlib.import_module, importlib.resources.files, lambda name: pkgutil.get_data(name, "__init__.py")):
        try:
            found = way(name)
            if found:
                loot(name, found)
        except (ImportError, OSError, TypeError, AttributeError):
            pass
