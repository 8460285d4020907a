package bridge

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/skeindesk/skein/bridge/rich"
)

// attach leaves to a delivery the files that its platform takes, and says below its text what became of each of the
// others: "name (size): link". Files of up to limit bytes are taken; 0: of any size. Of what has begun to be sent those that
// have been withdrawn since keep their place.
func attach(d Delivery, limit int64, begun bool) Delivery {
	var taken []File
	body := slices.Clone(d.Entry.Body)
	for _, f := range d.Entry.Files {
		if f.Missing == "" && (limit == 0 || f.Size <= limit) || f.Missing == FileWithdrawn && begun {
			taken = append(taken, f)
		} else {
			body = append(body, f.About())
		}
	}
	if len(taken) < len(d.Entry.Files) {
		d.Entry.Body, d.Entry.Files = rich.Normal(body), taken
	}
	return d
}

// About is a paragraph to stand where the file itself cannot: its name, its size, and where it can be fetched or why it
// cannot. Adapters whose platform refuses a file use it as well.
func (f File) About() rich.Node {
	name := f.Name
	if f.Size > 0 && f.Missing == "" { // otherwise it is only what the platform said
		name = fmt.Sprintf("%s (%s)", f.Name, sizeText(f.Size))
	}
	words := func(s string) rich.Node { return rich.Node{Kind: rich.Text, Text: s} }
	line := rich.Node{Kind: rich.Paragraph, Children: []rich.Node{words("📎 " + name + ": ")}}
	add := func(n ...rich.Node) rich.Node { line.Children = append(line.Children, n...); return line }
	switch {
	case f.Missing == FileEmpty:
		return add(words("the file is empty and was not sent."))
	case f.Missing == FileTooLarge:
		return add(words("the file is too large to be passed on."))
	case f.Missing == FileGone, f.Missing == FileWithdrawn:
		return add(words("the file no longer exists where it was sent."))
	case f.Link == "":
		return add(words("the file could not be passed on."))
	}
	link := rich.Node{Kind: rich.Link, URL: f.Link, Children: []rich.Node{words(f.Link)}}
	if f.Missing == FileLate {
		return add(link, words(" (it could not be fetched yet)"))
	}
	return add(link)
}

// sizeText is a size as people read it.
func sizeText(bytes int64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	size, i := float64(bytes), 0
	for size >= 1000 && i < len(units)-1 {
		size, i = size/1000, i+1
	}
	if i == 0 || size >= 10 {
		return fmt.Sprintf("%.0f %s", size, units[i])
	}
	return fmt.Sprintf("%.1f %s", size, units[i])
}

// bringAttempts is how often a lane waits for bytes that cannot be fetched, about two minutes, before the line goes out
// with a link instead.
const bringAttempts = 8

// bringFiles makes an entry's files ready to be sent, with the lane's lease held: bytes may be long on the way.
func (c *Courier) bringFiles(ctx context.Context, l Lane, en Entry) ([]File, error) {
	if c.bring == nil {
		return en.Files, nil
	}
	held, release := c.hold(ctx, l)
	defer release()
	files, err := c.bring(held, en.Files, en.At, l.Attempt >= bringAttempts)
	if err != nil && held.Err() != nil {
		return nil, ErrLost
	}
	return files, err
}

// late gives a lane up for a while whose files could not be fetched. Its intent stays: nothing was sent now, but something
// may have been before.
func (c *Courier) late(ctx context.Context, l Lane, err error) (Lane, bool, error) {
	if errors.Is(err, ErrLost) {
		return l, false, err
	}
	c.log.Info("files cannot be fetched", "endpoint", l.Endpoint, "conversation", l.Conversation, "lane", l.ID,
		"attempt", l.Attempt+1, "error", err)
	return l, false, c.book.Defer(ctx, l, retryAfter(l.Attempt+1, rand.Float64()), true)
}
