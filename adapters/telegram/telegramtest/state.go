package telegramtest

import (
	"maps"
	"slices"
	"time"
)

// User is a person or a bot.
type User struct {
	ID                            int64
	FirstName, LastName, Username string
	Language                      string // IETF tag, often empty
	Bot                           bool
	Deactivated                   bool // a deleted account
}

// Chat is a place where messages are. A user's private chat with the bot has the user's id and
// comes into being with the user; groups have negative ids.
type Chat struct {
	ID      int64
	Type    string // "private", "group", "supergroup" or "channel"
	Title   string
	Members []int64 // of a group, without the bot
	NoBot   bool    // the bot is not in the group
	Admin   bool    // the bot is an administrator of it
}

type chat struct {
	Chat
	started  bool  // private: the person has written first
	blocked  bool  // private: the person has blocked the bot
	migrated int64 // the supergroup that this group became
	all      []*message
	byID     map[int64]*message
	lastID   int64 // supergroups and channels number their own messages
	action   string
	actionAt time.Time
}

type message struct {
	Message
	extra   object // fields of kinds that the simulator does not know
	forward object // forward_origin
	photo   []*file
	keys    string // the whole reply_markup, to tell whether an edit changes it
	preview object // link_preview_options
}

// query is a pressed button.
type query struct {
	at       time.Time
	answered bool
	Answer
}

type state struct {
	users    map[int64]*User
	chats    map[int64]*chat
	files    map[string]*file // by file_id
	queries  map[string]*query
	commands map[commandKey][]object
	lastID   int64 // of messages in private chats and groups
	serial   int64 // of files, queries and whatever else needs a number
}

func newState() state {
	return state{
		users: map[int64]*User{}, chats: map[int64]*chat{}, files: map[string]*file{}, queries: map[string]*query{},
		commands: map[commandKey][]object{},
	}
}

// AddUser adds or replaces a user. A person's private chat exists at once, but the bot may write
// there only after the person has.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.users[u.ID] = &u
	if s.state.chats[u.ID] == nil {
		s.state.chats[u.ID] = newChat(Chat{ID: u.ID, Type: "private"})
	}
	s.change()
}

// AddChat adds a group, supergroup or channel.
func (s *Server) AddChat(c Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Members = slices.Clone(c.Members)
	s.state.chats[c.ID] = newChat(c)
	s.change()
}

func newChat(c Chat) *chat { return &chat{Chat: c, byID: map[int64]*message{}} }

// chatIDs lists the chats in order.
func (st *state) chatIDs() []int64 { return slices.Sorted(maps.Keys(st.chats)) }

// add numbers and stores a message.
func (s *Server) add(ch *chat, m *message) {
	switch ch.Type {
	case "supergroup", "channel":
		ch.lastID++
		m.ID = ch.lastID
	default:
		s.state.lastID++
		m.ID = s.state.lastID
	}
	m.Chat = ch.ID
	m.Date = s.now()
	ch.all = append(ch.all, m)
	ch.byID[m.ID] = m
}

// find returns a message that is still there.
func (ch *chat) find(id int64) *message {
	if m := ch.byID[id]; m != nil && !m.Deleted {
		return m
	}
	return nil
}

func (s *Server) serial() int64 {
	s.state.serial++
	return s.state.serial
}
