// Package places knows about where in the world an address is, from a file of the operator's in MaxMind's format
// (https://maxmind.github.io/MaxMind-DB/): GeoLite2 City or Country, DB-IP's City Lite, or one like them.
package places

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Atlas is such a file as it was last read well. It may be used concurrently.
type Atlas struct {
	path string
	log  *slog.Logger
	seen string // what the file was when it was last looked at; of Run alone, once there is one
	read atomic.Pointer[edition]
}

type edition struct {
	*maxminddb.Reader
	broken sync.Once
}

// Open reads the file. While it cannot be read no place is known: that is said in the log, and Run tries again.
func Open(path string, log *slog.Logger) *Atlas {
	a := &Atlas{path: path, log: log}
	a.look()
	return a
}

// every is how often Run looks whether there is another file.
const every = time.Minute

// Run reads the file anew whenever it has changed, until ctx ends. One that cannot be read takes the place of none.
func (a *Atlas) Run(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			a.look()
		}
	}
}

// look reads the file if it is not what it was.
func (a *Atlas) look() {
	now := ""
	if info, err := os.Stat(a.path); err != nil {
		now = reason(err)
	} else {
		now = fmt.Sprint(info.Size(), info.ModTime())
	}
	if now == a.seen {
		return
	}
	a.seen = now
	reader, err := read(a.path)
	if err != nil {
		a.log.Warn("the file of places cannot be used", "file", a.path, "error", err)
		return
	}
	a.log.Info("the file of places is read", "file", a.path, "type", reader.Metadata.DatabaseType, "built", reader.Metadata.BuildTime().UTC())
	a.read.Store(&edition{Reader: reader})
}

// Of names the city, the region and the country of an address, as far as they are known: "Gdynia, Pomerania, Poland". It
// reads nothing but memory.
func (a *Atlas) Of(address string) string {
	book := a.read.Load()
	ip, err := netip.ParseAddr(address)
	if book == nil || err != nil {
		return ""
	}
	place, err := name(book.Lookup(ip.Unmap()))
	if err != nil {
		book.broken.Do(func() { a.log.Warn("the file of places is damaged", "file", a.path, "error", err) })
	}
	return place
}

// name is what a record calls its place, in English.
func name(record maxminddb.Result) (string, error) {
	var names []string
	for _, path := range [][]any{{"city", "names", "en"}, {"subdivisions", 0, "names", "en"}, {"country", "names", "en"}} {
		var name string
		if err := record.DecodePath(&name, path...); err != nil {
			return "", err
		}
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) { // Berlin is in Berlin
			names = append(names, name)
		}
	}
	return strings.Join(names, ", "), nil
}

const (
	maxSize = 1 << 30 // bytes: ten times what there is
	// sample is how many records are looked at for names.
	sample = 1000
)

// Check says what is wrong with such a file; nil: nothing that can be seen.
func Check(path string) error {
	_, err := read(path)
	return err
}

// read has the whole file in memory: one that is mapped and then written over would end the process.
func read(path string) (*maxminddb.Reader, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, errors.New(reason(err))
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case info.Size() > maxSize:
		return nil, errors.New("it is larger than any file of places")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	reader, err := maxminddb.OpenBytes(content)
	if err != nil {
		return nil, errors.New("it is not in MaxMind's format, or not whole")
	}
	looked := 0
	for record := range reader.Networks() {
		place, err := name(record)
		if err != nil {
			return nil, fmt.Errorf("it is damaged, or %s names places in another way than GeoLite2", reader.Metadata.DatabaseType)
		}
		if place != "" {
			return reader, nil
		}
		if looked++; looked == sample {
			break
		}
	}
	return nil, fmt.Errorf("it names no cities or countries: it is %s", reader.Metadata.DatabaseType)
}

// reason is why a file cannot be read.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read"
	}
	return err.Error()
}
