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

# Tell what this machine lacks.
doctor:
    cargo xtask docker-doctor

# Run every test of the repository.
test:
    cargo test
