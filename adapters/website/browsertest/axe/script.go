package axe

import (
	"errors"

	"github.com/skeindesk/skein/bridge/npmtest"
)

// The release of axe-core that the tests run.
var release = npmtest.Release{
	Name:      "axe-core",
	Version:   "4.14.1",
	Integrity: "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
}

// script returns axe-core's source.
func script() ([]byte, error) {
	const name = "axe.min.js"
	files, err := release.Files(func(file string) bool { return file == name })
	if err == nil && files[name] == nil {
		err = errors.New("axe-core has no " + name)
	}
	return files[name], err
}
