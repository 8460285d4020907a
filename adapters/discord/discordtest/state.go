package discordtest

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Channel types (https://docs.discord.com/developers/resources/channel#channel-object-channel-types).
const (
	Text          = 0
	Voice         = 2
	Category      = 4
	PublicThread  = 11
	PrivateThread = 12
	Forum         = 15
)

// User is a person or another application's bot, a member of the guild. An empty ID is made up.
type User struct {
	ID         string
	Username   string
	GlobalName string // the name shown where there is no Nick
	Nick       string
	Avatar     string // hash
	Bot        bool
	Roles      []string
	Left       bool // no longer a member
}

// Name is what other people see.
func (u User) Name() string { return cmp.Or(u.Nick, u.GlobalName, u.Username) }

// Role is a role of the guild. An empty ID is made up.
type Role struct {
	ID          string
	Name        string
	Permissions Permission
	Mentionable bool
}

// Channel is a channel or a thread of the guild. An empty ID is made up. Type's zero value is a text channel.
type Channel struct {
	ID         string
	Type       int
	Name       string
	Topic      string
	ParentID   string
	Overwrites []Overwrite

	Tags       []Tag // of a forum
	RequireTag bool  // of a forum

	Owner       string   // of a thread: who started it
	AppliedTags []string // of a forum's post
	Archived    bool
	Locked      bool
	Pinned      bool // a forum's post: it stands above the others
	AutoArchive int  // minutes
	Deleted     bool
}

// Tag is a forum's tag. An empty ID is made up.
type Tag struct{ ID, Name string }

// state is what the guild remembers. Everything in it is guarded by Server.mu. Lists of messages are in the order of
// their ids, deleted ones included, so every look-up is a map access or a binary search.
type state struct {
	users        map[string]*User
	userOrder    []string
	roles        map[string]*Role
	roleOrder    []string
	channels     map[string]*channel // threads too
	order        []string
	messages     map[string]*message
	ephemerals   []*message
	attachments  map[string]*attachment
	webhooks     map[string]*webhook
	webhookOrder []string
	commands     []*command
	interactions map[string]*interaction // by token
	nonces       map[nonceKey]nonceUse
	pings        []Ping
	lastID       uint64
}

type channel struct {
	Channel
	created    time.Time
	archivedAt time.Time
	messages   []*message
	pins       []*message // newest last
	members    map[string]time.Time
	sent       int // messages ever sent
}

func (ch *channel) thread() bool { return ch.Type == PublicThread || ch.Type == PrivateThread }

// writable reports whether messages live in the channel itself.
func (ch *channel) writable() bool { return ch.thread() || ch.Type == Text || ch.Type == Voice }

func newState(o Options) state {
	st := state{
		users: map[string]*User{}, roles: map[string]*Role{}, channels: map[string]*channel{},
		messages: map[string]*message{}, attachments: map[string]*attachment{}, webhooks: map[string]*webhook{},
		interactions: map[string]*interaction{}, nonces: map[nonceKey]nonceUse{},
	}
	st.addRole(Role{ID: o.GuildID, Name: "@everyone", Permissions: o.Everyone})
	bot := st.addRole(Role{Name: o.BotName, Permissions: o.BotPermissions})
	st.addUser(User{ID: o.BotUserID, Username: o.BotName, Bot: true, Roles: []string{bot.ID}})
	st.addUser(User{ID: o.OwnerID, Username: "owner"})
	return st
}

func (st *state) addUser(u User) User {
	if u.ID == "" {
		u.ID = st.newID()
	}
	if st.users[u.ID] == nil {
		st.userOrder = append(st.userOrder, u.ID)
	}
	st.users[u.ID] = &u
	return u
}

func (st *state) addRole(r Role) Role {
	if r.ID == "" {
		r.ID = st.newID()
	}
	if st.roles[r.ID] == nil {
		st.roleOrder = append(st.roleOrder, r.ID)
	}
	st.roles[r.ID] = &r
	return r
}

func (st *state) addChannel(c Channel) *channel {
	if c.ID == "" {
		c.ID = st.newID()
	}
	c.Tags = slices.Clone(c.Tags)
	for i := range c.Tags {
		if c.Tags[i].ID == "" {
			c.Tags[i].ID = st.newID()
		}
	}
	setDefault(&c.AutoArchive, 4320)
	ch := &channel{Channel: c, created: time.Now(), members: map[string]time.Time{}}
	if c.Archived {
		ch.archivedAt = ch.created
	}
	if st.channels[c.ID] == nil {
		st.order = append(st.order, c.ID)
	}
	st.channels[c.ID] = ch
	return ch
}

// epoch is the first millisecond of Discord's ids (https://docs.discord.com/developers/reference#snowflakes).
const epoch = 1420070400000

// newID makes up the next id: milliseconds since the epoch above 22 bits that count, strictly rising.
func (st *state) newID() string {
	st.lastID = max(uint64(time.Now().UnixMilli()-epoch)<<22, st.lastID+1)
	return strconv.FormatUint(st.lastID, 10)
}

// compareIDs orders ids by age.
func compareIDs(a, b string) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// validID reports whether s has the shape of an id.
func validID(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil && (s == "0" || s[0] != '0')
}

// channel finds a channel that is not deleted.
func (st *state) channel(id string) (*channel, error) {
	ch := st.channels[id]
	if ch == nil || ch.Deleted {
		return nil, errUnknownChannel
	}
	return ch, nil
}

// message finds a message of the channel that is not deleted.
func (ch *channel) message(st *state, id string) (*message, error) {
	m := st.messages[id]
	if m == nil || m.Channel != ch.ID || m.Deleted {
		return nil, errUnknownMessage
	}
	return m, nil
}

// store keeps a new message. One that has no id yet is given the next.
func (st *state) store(ch *channel, m *message) {
	if m.ID == "" {
		m.ID = st.newID()
	}
	m.Channel = ch.ID
	m.at = time.Now()
	st.messages[m.ID] = m
	ch.messages = append(ch.messages, m)
	ch.sent++
}

// from is the place of the first message that is newer than id, or equal to it with inclusive.
func (ch *channel) from(id string, inclusive bool) int {
	return sort.Search(len(ch.messages), func(i int) bool {
		c := compareIDs(ch.messages[i].ID, id)
		return c > 0 || inclusive && c == 0
	})
}

// alive counts the messages that are not deleted.
func (ch *channel) alive() int {
	n := 0
	for _, m := range ch.messages {
		if !m.Deleted {
			n++
		}
	}
	return n
}

// threads lists the guild's threads that are there, oldest first.
func (st *state) threads(archived bool) []*channel {
	var list []*channel
	for _, id := range st.order {
		if ch := st.channels[id]; ch.thread() && !ch.Deleted && ch.Archived == archived {
			list = append(list, ch)
		}
	}
	return list
}
