package discord

import (
	"encoding/json"
	"strconv"
	"strings"
)

// bits are a set of permissions. Discord writes it as a decimal string (D:topics/permissions); anything else is none.
type bits uint64

func (b *bits) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		n, _ := strconv.ParseUint(s, 10, 64) // 0 when it cannot be read
		*b = bits(n)
	}
	return nil
}

// What the bot needs in its channels (D:topics/permissions#permissions-bitwise-permission-flags).
const (
	administrator  bits = 1 << 3
	manageChannels bits = 1 << 4
	addReactions   bits = 1 << 6
	viewChannel    bits = 1 << 10
	sendMessages   bits = 1 << 11
	embedLinks     bits = 1 << 14
	attachFiles    bits = 1 << 15
	readHistory    bits = 1 << 16
	manageThreads  bits = 1 << 34
	createThreads  bits = 1 << 35
	sendInThreads  bits = 1 << 38
	pinMessages    bits = 1 << 51

	writing     = viewChannel | readHistory | sendMessages | sendInThreads | embedLinks | attachFiles
	forForum    = forCommons | manageThreads
	forDesk     = forForum | createThreads
	forCommons  = writing | addReactions
	invitedWith = forDesk | forCommons | pinMessages // without the last there is no pinned list
)

// permissionNames are those of Discord's settings, in their order.
var permissionNames = []struct {
	bit  bits
	name string
}{
	{viewChannel, "View Channel"},
	{sendMessages, "Send Messages"},
	{sendInThreads, "Send Messages in Threads"},
	{createThreads, "Create Public Threads"},
	{embedLinks, "Embed Links"},
	{attachFiles, "Attach Files"},
	{addReactions, "Add Reactions"},
	{manageThreads, "Manage Threads"},
	{readHistory, "Read Message History"},
	{pinMessages, "Pin Messages"},
}

// names lists what is in the set.
func (b bits) names() string {
	var names []string
	for _, p := range permissionNames {
		if b&p.bit != 0 {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, ", ")
}

type role struct {
	ID          id   `json:"id"`
	Permissions bits `json:"permissions"`
}

type overwrite struct {
	ID    id           `json:"id"`
	Type  lenient[int] `json:"type"` // 0: of a role, 1: of a member
	Allow bits         `json:"allow"`
	Deny  bits         `json:"deny"`
}

// membership is what decides about the bot's permissions on a server.
type membership struct {
	guild, user id
	owner       bool
	all         map[id]bits // by role
	mine        map[id]bool // roles, everyone's included, whose id is the server's
}

// in computes the permissions in a channel as Discord does (D:topics/permissions#permission-overwrites): the roles',
// then the channel's word on everyone, on all roles together, and on the member.
func (m membership) in(overwrites []lenient[overwrite]) bits {
	var p bits
	for id := range m.mine {
		p |= m.all[id]
	}
	if m.owner || p&administrator != 0 {
		return ^bits(0)
	}
	var everyone, roles, member overwrite
	for _, o := range overwrites {
		switch {
		case o.V.Type.V == 1 && o.V.ID == m.user:
			member = o.V
		case o.V.Type.V != 0:
		case o.V.ID == m.guild:
			everyone = o.V
		case m.mine[o.V.ID]:
			roles.Allow |= o.V.Allow
			roles.Deny |= o.V.Deny
		}
	}
	for _, o := range []overwrite{everyone, roles, member} {
		p = p&^o.Deny | o.Allow
	}
	return p
}
