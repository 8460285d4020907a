package adaptertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Files is a bridge.Files over a map; give the same map to Stage.Files. Fill it before it is read.
type Files map[bridge.FileID][]byte

var _ bridge.Files = Files(nil)

// OpenFile opens what the map has.
func (f Files) OpenFile(_ context.Context, file bridge.File) (io.ReadCloser, error) {
	data, ok := f[file.ID]
	if !ok {
		return nil, bridge.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func findFile(t *testing.T, s Stage, d bridge.Delivery) {
	t.Helper()
	finder, ok := s.Adapter.(bridge.Finder)
	if !ok {
		return
	}
	parts := prepare(t, s.Adapter, d)
	for i := range parts {
		parts[i].After = parts[i].After.Add(-patience)
	}
	if _, found, err := finder.Find(t.Context(), parts[len(parts)-1]); err != nil || !found {
		t.Errorf("a file that got through: Find = %v, %v", found, err)
	}
}

func readSource(t *testing.T, a bridge.Adapter, ref bridge.FileRef, want string) {
	t.Helper()
	source, ok := a.(bridge.FileSource)
	if !ok {
		t.Fatal("the platform has files but the adapter is no FileSource")
	}
	stream, err := source.OpenSource(t.Context(), ref)
	if err != nil {
		t.Fatalf("open a person's file: %v", err)
	}
	defer stream.Close()
	if got, err := io.ReadAll(stream); err != nil || string(got) != want {
		t.Errorf("a person's file reads %q, %v", got, err)
	}
	ref.Ref += "-unknown"
	if _, err := source.OpenSource(t.Context(), ref); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("a file that is not there: %v, want ErrNotFound", err)
	}
}

// withdraws reports whether an edit tells, in one of the two ways there are, that its only file is gone.
func withdraws(in bridge.Inbound, file string) bool {
	return slices.Equal(in.Withdrawn, []string{file}) || in.Kept != nil && len(in.Kept) == 0
}

// receiveWithdrawn: a file that a person removes is reported once, as an edit of the message that it came with.
func receiveWithdrawn(t *testing.T, s Stage) {
	sink := start(t, s)
	thread := open(t, s)
	message := must1(t)(s.Platform.Upload(thread, "secret.txt", []byte("secret"), "look"))
	first := sink.AwaitInbounds(t, 1)[0]
	if len(first.Files) != 1 {
		t.Fatalf("the file arrived as %+v", first)
	}
	file := first.Files[0]
	must(t, 0, s.Platform.Withdraw(file))
	must1(t)(s.Platform.Say(thread, "after")) // so that a second report would be seen
	ins := sink.AwaitInbounds(t, 3)
	in := ins[1]
	if in.Kind != bridge.InEdited || in.Target != message || in.Thread != thread || in.Message != "" || in.Key == "" || in.Key == first.Key ||
		!withdraws(in, file.Ref) || len(in.Files) != 0 || rich.Plain(in.Body) != "look" {
		t.Errorf("the withdrawal arrived as %+v", in)
	}
	if rich.Plain(ins[2].Body) != "after" || len(ins[2].Withdrawn) != 0 {
		t.Errorf("what was said next arrived as %+v", ins[2])
	}
}
