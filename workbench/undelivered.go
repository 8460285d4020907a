package workbench

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Undelivered reads what did not arrive.
type Undelivered interface {
	// Undelivered lists lines that did not arrive and of which nobody has said what is to become of them, the latest first,
	// at most limit. Of an endpoint; "" is all. next is where to go on; zero: there is nothing more.
	Undelivered(ctx context.Context, e bridge.EndpointName, after bridge.UndeliveredPlace, limit int) (
		lines []bridge.Undelivered, next bridge.UndeliveredPlace, err error)
}

const undeliveredPath = Base + "/undelivered"

func (b *Workbench) handleUndelivered(mux *routes) {
	b.page(mux, "/undelivered", bridge.RankAgent, b.undelivered)
	b.post(mux, "/undelivered", bridge.RankAgent, b.settleUndelivered)
	b.page(mux, "/undelivered/all", bridge.RankAgent, b.askSettleAll)
	b.post(mux, "/undelivered/all", bridge.RankAgent, b.settleAll)
}

const (
	undeliveredPerPage = 50
	// undeliveredAtOnce is how many are tried again or dropped by one press.
	undeliveredAtOnce = 200
)

// undelivered is what the page shows.
type undelivered struct {
	endpoint  bridge.EndpointName // "": all
	endpoints []bridge.EndpointName
	lines     []bridge.Undelivered
	next      bridge.UndeliveredPlace
	now       time.Time
}

func undeliveredAt(e bridge.EndpointName, p bridge.UndeliveredPlace) string {
	q := url.Values{}
	if e != "" {
		q.Set("endpoint", string(e))
	}
	if p != (bridge.UndeliveredPlace{}) {
		q.Set("after", fmt.Sprintf("%d.%d.%d.%d.%s", p.At.UnixMilli(), p.Conversation, p.Seq, p.Part, p.Endpoint))
	}
	if len(q) == 0 {
		return undeliveredPath
	}
	return undeliveredPath + "?" + q.Encode()
}

// parsePlace reads where a page goes on; nonsense is the first page.
func parsePlace(text string) (p bridge.UndeliveredPlace) {
	parts := strings.SplitN(text, ".", 5)
	if len(parts) < 5 {
		return p
	}
	var numbers [4]int64
	for i := range numbers {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return p
		}
		numbers[i] = n
	}
	return bridge.UndeliveredPlace{
		At: time.UnixMilli(numbers[0]), Conversation: bridge.ConversationID(numbers[1]), Seq: numbers[2], Part: numbers[3],
		Endpoint: bridge.EndpointName(parts[4]),
	}
}

func (b *Workbench) undelivered(v *visit) (content, error) {
	u := undelivered{endpoint: bridge.EndpointName(v.FormValue("endpoint")), now: v.now}
	after := parsePlace(v.FormValue("after"))
	var err error
	for { // what was found in one look may all be settled
		u.lines, u.next, err = b.cfg.Undelivered.Undelivered(v.Context(), u.endpoint, after, undeliveredPerPage)
		if err != nil {
			return content{}, err
		}
		if len(u.lines) > 0 || u.next == (bridge.UndeliveredPlace{}) {
			break
		}
		after = u.next
	}
	for _, line := range u.lines {
		if !slices.Contains(u.endpoints, line.Endpoint) {
			u.endpoints = append(u.endpoints, line.Endpoint)
		}
	}
	return content{title: "Undelivered", body: undeliveredPage(u)}, nil
}

// settleUndelivered tries one line again, or drops it.
func (b *Workbench) settleUndelivered(v *visit) (string, error) {
	word, conversation := v.FormValue("word"), v.FormValue("conversation")
	if word != "retry" && word != "drop" {
		return "", bridge.ErrNotFound
	}
	answer, err := v.command(bridge.Invocation{Word: word, Rest: v.FormValue("rest"), Thread: bridge.ThreadRef(conversation)})
	if err == nil && answer.Public == "" {
		v.tell(map[string]string{"retry": "It is sent again.", "drop": "Dropped. The line is kept in the conversation."}[word], false)
	}
	return v.back(), err
}

func (b *Workbench) askSettleAll(v *visit) (content, error) {
	e, word := bridge.EndpointName(v.FormValue("endpoint")), v.FormValue("word")
	if word != "retry" && word != "drop" || e == "" {
		return content{}, bridge.ErrNotFound
	}
	lines, next, err := b.cfg.Undelivered.Undelivered(v.Context(), e, bridge.UndeliveredPlace{}, undeliveredAtOnce)
	if err != nil {
		return content{}, err
	}
	return content{title: "Undelivered", body: settleAllPage(e, word, len(lines), next != (bridge.UndeliveredPlace{}))}, nil
}

// settleAll tries again what did not reach an endpoint, or drops it: as much as one press can.
func (b *Workbench) settleAll(v *visit) (string, error) {
	e, word, key := bridge.EndpointName(v.FormValue("endpoint")), v.FormValue("word"), v.FormValue("key")
	if word != "retry" && word != "drop" || e == "" || key == "" {
		return "", bridge.ErrNotFound
	}
	lines, next, err := b.cfg.Undelivered.Undelivered(v.Context(), e, bridge.UndeliveredPlace{}, undeliveredAtOnce)
	if err != nil {
		return "", err
	}
	done := 0
	for _, line := range lines {
		answer, err := b.cfg.Desk.Command(v.Context(), bridge.Invocation{
			Endpoint: bridge.Workbench, Key: fmt.Sprint(key, "/", line.Conversation, "/", line.Rest), From: bridge.WorkbenchPerson(v.agent),
			Thread: bridge.WorkbenchThread(line.Conversation), Word: word, Rest: line.Rest,
		})
		if err != nil {
			return "", err
		}
		if !answer.Refused {
			done++
		}
	}
	text := map[string]string{"retry": "Sent again to ", "drop": "Dropped that did not reach "}[word] + string(e) + ": " + many(done, "line", "lines") + "."
	if next != (bridge.UndeliveredPlace{}) {
		text += " There are more."
	}
	v.tell(text, false)
	return undeliveredPath, nil
}

func queryOf(e bridge.EndpointName) string { return url.QueryEscape(string(e)) }
