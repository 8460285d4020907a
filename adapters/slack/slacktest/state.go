package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// User is a person or a bot of the workspace. An empty ID is made up.
type User struct {
	ID          string
	Name        string // the handle, "ana"
	RealName    string // default: Name
	DisplayName string // default: RealName
	Avatar      string // URL of a picture
	Bot         bool
	Deleted     bool
}

// Channel is a conversation of the workspace. An empty ID is made up. The app's bot is a member
// unless NoBot is set.
type Channel struct {
	ID       string
	Name     string
	Private  bool
	Archived bool
	NoBot    bool
	Members  []string // user ids
}

// state is what the workspace remembers. Everything in it is guarded by Server.mu. Lists of
// messages are in the order of their ts, deleted ones included, so every look-up is a map access
// or a binary search.
type state struct {
	users      map[string]*User
	userOrder  []string
	channels   map[string]*channel
	order      []string
	byTS       map[string]*message // ts is unique in the whole workspace
	files      map[string]*file
	tickets    map[string]*file // upload tickets
	triggers   map[string]trigger
	used       map[string]bool // triggers that were exchanged
	responses  map[string]*responseURL
	views      map[string]*View
	ephemerals []Ephemeral
	lastMicro  int64
	lastID     int64
	team       string
	revoked    bool // the bot token is

	holdsShares bool
	heldShares  []func()
}

type channel struct {
	Channel
	created int64
	members map[string]bool
	top     []*message            // everything conversations.history could show
	threads map[string][]*message // replies by root ts
	all     []*message            // every message, for inspection
}

// message is a stored message and its place in a thread.
type message struct {
	Message
	attachments json.RawMessage
	locked      bool
	root        *message // nil for a top-level message
	replies     int      // not deleted ones
	lastReply   string
	repliers    []string
}

func newState(o Options) state {
	st := state{
		users: map[string]*User{}, channels: map[string]*channel{}, byTS: map[string]*message{},
		files: map[string]*file{}, tickets: map[string]*file{}, triggers: map[string]trigger{},
		used: map[string]bool{}, responses: map[string]*responseURL{}, views: map[string]*View{}, team: o.TeamID,
	}
	st.addUser(User{ID: o.BotUserID, Name: o.BotName, Bot: true})
	return st
}

// AddUser adds (or replaces) a user and returns it with its id.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	return s.state.addUser(u)
}

func (st *state) addUser(u User) User {
	if u.ID == "" {
		u.ID = st.newID("U")
	}
	setDefault(&u.RealName, u.Name)
	setDefault(&u.DisplayName, u.RealName)
	if st.users[u.ID] == nil {
		st.userOrder = append(st.userOrder, u.ID)
	}
	st.users[u.ID] = &u
	return u
}

// AddChannel adds a channel and returns it with its id. It sends no events.
func (s *Server) AddChannel(c Channel) Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	if c.ID == "" {
		c.ID = s.state.newID("C")
	}
	ch := &channel{Channel: c, created: time.Now().Unix(), members: map[string]bool{}, threads: map[string][]*message{}}
	for _, m := range c.Members {
		ch.members[m] = true
	}
	if !c.NoBot {
		ch.members[s.opts.BotUserID] = true
	}
	s.state.channels[c.ID] = ch
	s.state.order = append(s.state.order, c.ID)
	return c
}

// newID makes up an id with Slack's shape: a letter and upper-case characters.
func (st *state) newID(prefix string) string {
	st.lastID++
	return fmt.Sprintf("%s%010d", prefix, st.lastID)
}

// newTS returns the next timestamp: the current time in seconds and microseconds, strictly rising
// and unique in the workspace.
func (st *state) newTS() string {
	st.lastMicro = max(time.Now().UnixMicro(), st.lastMicro+1)
	return fmt.Sprintf("%d.%06d", st.lastMicro/1e6, st.lastMicro%1e6)
}

// add stores a new message and links it to its thread. The caller has set Channel, ThreadTS (of
// an existing root, or empty) and content; add gives it its ts.
func (st *state) add(ch *channel, m *message) {
	m.Channel, m.TS = ch.ID, st.newTS()
	st.byTS[m.TS] = m
	ch.all = append(ch.all, m)
	if m.ThreadTS == "" {
		ch.top = append(ch.top, m)
		return
	}
	m.root = st.byTS[m.ThreadTS]
	ch.threads[m.ThreadTS] = append(ch.threads[m.ThreadTS], m)
	if m.Broadcast {
		ch.top = append(ch.top, m)
	}
	m.root.replies++
	m.root.lastReply = m.TS
	if by := m.author(); !slices.Contains(m.root.repliers, by) {
		m.root.repliers = append(m.root.repliers, by)
	}
}

// find returns the live message, or nil. A tombstone is not a live message.
func (ch *channel) find(st *state, ts string) *message {
	m := st.byTS[ts]
	if m == nil || m.Channel != ch.ID || m.Deleted {
		return nil
	}
	return m
}

// remove marks a message deleted; a root with replies stays in place as a tombstone.
func (st *state) remove(m *message) {
	m.Deleted = true
	if m.root != nil {
		m.root.replies--
		return
	}
	m.Tombstone = m.replies > 0
}

func (m *message) author() string {
	if m.User != "" {
		return m.User
	}
	return m.BotID
}

// validTS reports whether ts has the shape of a message timestamp.
func validTS(ts string) bool {
	sec, micro, ok := strings.Cut(ts, ".")
	return ok && len(micro) == 6 && digits(sec) && digits(micro)
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// compareTS orders timestamps numerically; an unequal number of digits is no trap.
func compareTS(a, b string) int {
	as, am, _ := strings.Cut(a, ".")
	bs, bm, _ := strings.Cut(b, ".")
	as, bs = strings.TrimLeft(as, "0"), strings.TrimLeft(bs, "0")
	if len(as) != len(bs) {
		return len(as) - len(bs)
	}
	if as != bs {
		return strings.Compare(as, bs)
	}
	return strings.Compare(am, bm)
}

// between returns the part of list (in ts order) after oldest and before latest; inclusive adds
// the two ends. An empty bound does not bind.
func between(list []*message, oldest, latest string, inclusive bool) []*message {
	lo, hi := 0, len(list)
	if oldest != "" {
		lo = sort.Search(len(list), func(i int) bool {
			c := compareTS(list[i].TS, oldest)
			return c > 0 || inclusive && c == 0
		})
	}
	if latest != "" {
		hi = sort.Search(len(list), func(i int) bool {
			c := compareTS(list[i].TS, latest)
			return c > 0 || !inclusive && c == 0
		})
	}
	if lo >= hi {
		return nil
	}
	return list[lo:hi]
}
