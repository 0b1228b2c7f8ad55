# Short names only: the logic lives in `cargo xtask`.

# List the recipes.
default:
    @just --list

# Build, measure and judge all images.
build *arguments:
    cargo xtask docker-build {{ arguments }}

# The same without a container registry.
build-offline *arguments:
    cargo xtask docker-build --offline {{ arguments }}

# Write the generated bake file.
bake:
    cargo xtask docker-bake --write

# Everything that needs no engine: manifest, Dockerfiles, build contexts, generated files.
check *arguments:
    cargo xtask docker-check {{ arguments }}

# Check what is staged before each commit.
hooks:
    cargo xtask docker-hooks install

# Scaffold a service after the example of another.
new service *arguments:
    cargo xtask docker-new {{ service }} {{ arguments }}

# Tell whether the workflows are up to date, and what is wrong with them.
ci *arguments:
    cargo xtask docker-ci {{ arguments }}

# Judge the Dockerfiles.
lint *arguments:
    cargo xtask docker-lint {{ arguments }}

# Tell what enters each build, and what should not.
ignore *arguments:
    cargo xtask docker-ignore {{ arguments }}

# Account for every byte of the images.
size *arguments:
    cargo xtask docker-size {{ arguments }}

# Start every image, and all of them together, and prove how they behave.
prove *arguments:
    cargo xtask docker-test {{ arguments }}

# Tell what this machine lacks.
doctor:
    cargo xtask docker-doctor

# Run every test of the repository.
test:
    cargo test
