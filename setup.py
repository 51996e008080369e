"""The packages below src, found by themselves, and the two folders of files that stand at the top of the project."""

from setuptools import find_packages, setup

setup(packages=[*find_packages("src"), "ablate.conf", "ablate.sweeps"])
