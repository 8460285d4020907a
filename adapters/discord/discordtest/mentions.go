package discordtest

import (
	"encoding/json"
	"regexp"
	"slices"
)

// Ping tells whom a message of the application, or an edit of one, alerted. Permissions do not matter here: a guild's
// administrator may grant them any day.
type Ping struct {
	Channel, Message string
	Edit             bool
	Everyone         bool     // @everyone or @here
	Users, Roles     []string // ids
}

// Pings lists what alerted somebody, oldest first.
func (s *Server) Pings() []Ping {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.pings)
}

var (
	userMention  = regexp.MustCompile(`<@!?(\d+)>`)
	roleMention  = regexp.MustCompile(`<@&(\d+)>`)
	groupMention = regexp.MustCompile(`@(everyone|here)\b`)
)

// allowedMentions is what a request says of them
// (https://docs.discord.com/developers/resources/message#allowed-mentions-object). A null parse is an empty one.
type allowedMentions struct {
	Parse       []string `json:"parse"`
	Users       []string `json:"users"`
	Roles       []string `json:"roles"`
	RepliedUser bool     `json:"replied_user"`
}

// defaultMentions apply when a request says nothing: an edit that leaves them out alerts anew, and a webhook's or an
// interaction's message parses users only.
func defaultMentions(usersOnly bool) allowedMentions {
	if usersOnly {
		return allowedMentions{Parse: []string{"users"}, RepliedUser: true}
	}
	return allowedMentions{Parse: []string{"users", "roles", "everyone"}, RepliedUser: true}
}

func readMentions(raw json.RawMessage) (allowedMentions, error) {
	var a allowedMentions
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, invalid("allowed_mentions", "MODEL_TYPE_CONVERT", "Could not interpret the value.")
	}
	for list, name := range map[string][]string{"users": a.Users, "roles": a.Roles} {
		if len(name) > 100 {
			return a, tooLong("allowed_mentions."+list, 100)
		}
		if len(name) > 0 && slices.Contains(a.Parse, list) {
			return a, invalid("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:["+list+"] and "+list+": [ids...] are mutually exclusive.")
		}
	}
	return a, nil
}

// ping works out whom a text alerts and keeps it.
func (s *Server) ping(m *message, a allowedMentions, edit bool) {
	p := Ping{Channel: m.Channel, Message: m.ID, Edit: edit}
	for _, id := range found(userMention, m.Content) {
		if s.state.users[id] != nil && (slices.Contains(a.Parse, "users") || slices.Contains(a.Users, id)) {
			p.Users = append(p.Users, id)
		}
	}
	for _, id := range found(roleMention, m.Content) {
		if s.state.roles[id] != nil && (slices.Contains(a.Parse, "roles") || slices.Contains(a.Roles, id)) {
			p.Roles = append(p.Roles, id)
		}
	}
	p.Everyone = groupMention.MatchString(m.Content) && slices.Contains(a.Parse, "everyone")
	if to := s.state.messages[m.Reply]; to != nil && a.RepliedUser && !edit && s.state.users[to.Author] != nil && to.Author != m.Author {
		p.Users = append(p.Users, to.Author)
	}
	if p.Everyone || len(p.Users) > 0 || len(p.Roles) > 0 {
		s.state.pings = append(s.state.pings, p)
	}
}

// found lists the first groups of all matches, each once.
func found(re *regexp.Regexp, text string) []string {
	var ids []string
	for _, match := range re.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(ids, match[1]) {
			ids = append(ids, match[1])
		}
	}
	return ids
}
