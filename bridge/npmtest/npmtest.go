// Package npmtest fetches releases of npm packages that tests run or read, and that are no part of the product. It asks
// npm, and so the registry that npm is set up for (npm_config_registry), once a machine.
package npmtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Release is one version of a package. Integrity is the registry's checksum of its archive:
// npm view NAME@VERSION dist.integrity
type Release struct{ Name, Version, Integrity string }

// Files returns the contents of those files of the release whose names are wanted. Names are relative to the package:
// "lib/es_ES.js".
func (r Release) Files(want func(name string) bool) (map[string][]byte, error) {
	archive, err := r.archive()
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", r.Name, err)
	}
	files, err := unpack(archive, want)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", r.Name, err)
	}
	return files, nil
}

// archive returns the release as the registry gives it out, from the user's cache folder if it is there.
func (r Release) archive() ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find a folder to keep it in: %w", err)
	}
	kept := filepath.Join(cache, "skein-tests", r.file())
	archive, err := os.ReadFile(kept)
	switch {
	case err == nil && r.check(archive) == nil:
		return archive, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if archive, err = r.pack(); err != nil {
		return nil, err
	}
	if err := r.check(archive); err != nil {
		return nil, err
	}
	return archive, keep(kept, archive)
}

// file is what npm pack calls the archive.
func (r Release) file() string {
	return strings.ReplaceAll(strings.TrimPrefix(r.Name, "@"), "/", "-") + "-" + r.Version + ".tgz"
}

func (r Release) pack() ([]byte, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, errors.New("this test needs a package of npm's and found no npm to fetch it with: install npm (Debian and Ubuntu: apt-get install npm)")
	}
	folder, err := os.MkdirTemp("", "skein-npm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	pack := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", r.Name+"@"+r.Version)
	pack.Dir = folder
	if out, err := pack.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.ReadFile(filepath.Join(folder, r.file()))
}

// check compares the archive's checksum with the release's.
func (r Release) check(archive []byte) error {
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != r.Integrity {
		return fmt.Errorf("the archive's checksum is %s, want %s", got, r.Integrity)
	}
	return nil
}

func unpack(archive []byte, want func(name string) bool) (map[string][]byte, error) {
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for files := tar.NewReader(plain); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		_, name, _ := strings.Cut(file.Name, "/") // below "package/"
		if file.Typeflag != tar.TypeReg || !want(name) {
			continue
		}
		if out[name], err = io.ReadAll(files); err != nil {
			return nil, err
		}
	}
}

// keep writes a file whole or not at all: tests of other packages may do the same at the same time.
func keep(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".npm-")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.Write(content)
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}
