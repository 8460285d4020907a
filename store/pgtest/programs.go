package pgtest

import (
	"cmp"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// installLine is what to run where PostgreSQL is missing.
const installLine = "apt-get install -y postgresql"

// debianPrograms is where Debian's packages put the programs of each version.
const debianPrograms = "/usr/lib/postgresql/*/bin/pg_ctl"

// programs returns the directory that holds initdb and pg_ctl: Debian's highest version, or else what PATH finds.
func programs() (string, error) { return findPrograms(debianPrograms) }

func findPrograms(pattern string) (string, error) {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(version(a), version(b)) })), nil
	}
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("PostgreSQL's server programs are missing; install them with: " + installLine)
}

// version returns the 15 of …/15/bin/pg_ctl, or 0.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // anything else counts as the oldest
	return n
}
