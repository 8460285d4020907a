package workbench

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Channel is one endpoint as people set it up.
type Channel struct {
	Name      bridge.EndpointName
	Type      string // slack, discord, telegram, website
	Visitors  bool   // visitors write here, not agents
	Desk      []bridge.EndpointName
	Condition bridge.Condition
	// ChatLink asks the platform for the address of a chat with us, where it has such addresses; else nil.
	ChatLink func(ctx context.Context) (string, error)
	// Manifest describes the app to the platform, where that is wanted; else nil.
	Manifest func() ([]byte, error)
}

// Lags reads how far behind endpoints are.
type Lags interface {
	// LaneStats returns one for each endpoint that has anything to send.
	LaneStats(ctx context.Context) ([]bridge.LaneStat, error)
}

// shownChannel is a channel as its page shows it.
type shownChannel struct {
	Channel
	lag      bridge.LaneStat
	chatLink string
	qr       [][]bool // of chatLink, row by row; true is dark
	embed    string
	manifest string
}

// askWithin bounds how long a page waits for a platform.
const askWithin = 2 * time.Second

func (b *Workbench) handleChannels(mux *routes) {
	b.page(mux, "/channels", bridge.RankAdmin, b.channels)
	b.post(mux, "/channels/{endpoint}/test", bridge.RankAdmin, b.testMessage)
	mux.Handle("GET "+Base+"/channels/{endpoint}/preview", b.visited(bridge.RankAdmin, b.preview))
}

func (b *Workbench) channels(v *visit) (content, error) {
	stats, err := b.cfg.Lags.LaneStats(v.Context())
	if err != nil {
		return content{}, err
	}
	var shown []shownChannel
	for _, c := range b.cfg.Channels() {
		s := shownChannel{Channel: c}
		if i := slices.IndexFunc(stats, func(l bridge.LaneStat) bool { return l.Endpoint == c.Name }); i >= 0 {
			s.lag = stats[i]
		}
		if err := b.complete(v.Context(), &s); err != nil {
			return content{}, err
		}
		shown = append(shown, s)
	}
	return content{title: "Channels", body: channelsPage(v, shown)}, nil
}

func (b *Workbench) complete(ctx context.Context, s *shownChannel) error {
	if s.Type == "website" {
		s.embed = fmt.Sprintf(`<script async src="%s/widget.js" data-endpoint="%s"></script>`, b.cfg.PublicURL, s.Name)
	}
	if s.ChatLink != nil {
		ctx, cancel := context.WithTimeout(ctx, askWithin)
		defer cancel()
		if link, err := s.ChatLink(ctx); err == nil { // else the condition says what is wrong
			s.chatLink, _, _ = strings.Cut(link, "?")
			code, err := qrcode.New(s.chatLink, qrcode.Medium)
			if err != nil {
				return fmt.Errorf("draw a code: %w", err)
			}
			s.qr = code.Bitmap()
		}
	}
	if s.Manifest != nil {
		manifest, err := s.Manifest()
		if err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
		s.manifest = string(manifest)
	}
	return nil
}

// drawn is the code as one path of squares of one unit.
func drawn(code [][]bool) string {
	var path strings.Builder
	for y, row := range code {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return path.String()
}

// testMessage writes as a visitor of a website, so that one can see where it arrives.
func (b *Workbench) testMessage(v *visit) (string, error) {
	name := bridge.EndpointName(v.PathValue("endpoint"))
	known := slices.ContainsFunc(b.cfg.Channels(), func(c Channel) bool { return c.Name == name && c.Type == "website" })
	if !known {
		return "", bridge.ErrNotFound
	}
	who := "test-" + rand.Text()
	en, err := b.cfg.Desk.Accept(v.Context(), bridge.Inbound{
		Endpoint: name, Key: who, Kind: bridge.InSaid, Thread: bridge.ThreadRef(who), At: v.now,
		From: bridge.Person{ID: who, Name: "Test visitor"},
		Body: rich.Of("This is a test message. " + v.agent.Name + " sent it from the workbench. Nobody waits for an answer."),
	})
	if err != nil {
		return "", err
	}
	v.tell("The test message is in the log and on its way to the threads.", false)
	return conversationAt(en.Conversation), nil
}

// preview is a page with the widget on it, as the site of a customer would have it.
func (b *Workbench) preview(v *visit) error {
	name := bridge.EndpointName(v.PathValue("endpoint"))
	if !slices.ContainsFunc(b.cfg.Channels(), func(c Channel) bool { return c.Name == name && c.Type == "website" }) {
		return bridge.ErrNotFound
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(http.StatusOK)
	_ = previewPage(b, string(name)).Render(v.Context(), v.w)
	return nil
}

// conditionWords says how an endpoint does.
func conditionWords(s bridge.ConditionState) string {
	switch s {
	case bridge.Running:
		return "● running"
	case bridge.Impaired:
		return "◐ works in part"
	case bridge.Refused:
		return "✕ refused: somebody has to act"
	case bridge.Elsewhere:
		return "○ runs in another instance"
	case bridge.Stopped:
		return "○ stopped"
	default:
		return "◌ starting"
	}
}

// opensIn says where conversations get their threads.
func opensIn(desk []bridge.EndpointName) string {
	if len(desk) == 0 {
		return "Conversations open no threads anywhere."
	}
	names := make([]string, len(desk))
	for i, d := range desk {
		names[i] = string(d)
	}
	return "Conversations open threads in " + strings.Join(names, " and ") + "."
}
