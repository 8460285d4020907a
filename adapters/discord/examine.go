package discord

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Examiner = (*Adapter)(nil)

// Examine implements bridge.Examiner. It does not connect to the gateway: Discord counts how often a bot does.
func (a *Adapter) Examine(ctx context.Context) []bridge.Finding {
	var me user
	if err := a.call(ctx, http.MethodGet, "/users/@me", nil, &me); err != nil {
		return []bridge.Finding{amiss("users/@me", err)}
	}
	findings := []bridge.Finding{finding(bridge.Fine, "The token is good: it is that of the bot %s.", me.Username)}
	app, content := a.examineApplication(ctx)
	findings = append(findings, content)
	in, server := a.examineServer(ctx, me.ID, app)
	findings = append(findings, server)
	if in.guild == "" {
		return findings
	}
	findings = append(findings, a.examineChannel(ctx, "channel", a.cfg.Channel, in))
	if a.cfg.Colleagues != "" {
		findings = append(findings, a.examineChannel(ctx, "colleagues", a.cfg.Colleagues, in))
	}
	return append(findings, a.examineThreads(ctx), a.examineCommands(ctx, app))
}

func finding(g bridge.Grade, format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: g, Public: fmt.Sprintf(format, args...)}
}

// amiss says why a call was refused, or that Discord could not be asked and why.
func amiss(call string, err error) bridge.Finding {
	f := failure(call, err)
	if f.Refused {
		return finding(bridge.Amiss, "%s", f.Public)
	}
	return finding(bridge.Amiss, "%s Look at the network, the proxy and api_url, and check again (%s).", f.Public, f.Err)
}

// contentFlags say that the message content intent is on, for all servers or as long as there are few
// (D:resources/application#application-object-application-flags).
const contentFlags = 1<<18 | 1<<19

func (a *Adapter) examineApplication(ctx context.Context) (application id, content bridge.Finding) {
	var app struct {
		ID    id             `json:"id"`
		Flags lenient[int64] `json:"flags"`
	}
	if err := a.call(ctx, http.MethodGet, "/applications/@me", nil, &app); err != nil {
		return "", amiss("applications/@me", err)
	}
	if app.Flags.V&contentFlags == 0 {
		return app.ID, finding(bridge.Amiss, "%s", adviseIntents)
	}
	return app.ID, finding(bridge.Fine, "Message Content Intent is on.")
}

// examineServer proves that the bot is on the server; without that, the membership has no guild.
func (a *Adapter) examineServer(ctx context.Context, me, app id) (membership, bridge.Finding) {
	var server struct {
		Name  text       `json:"name"`
		Owner id         `json:"owner_id"`
		Roles list[role] `json:"roles"`
	}
	var member struct {
		Roles list[id] `json:"roles"`
	}
	guild := "/guilds/" + a.cfg.Guild
	err := a.call(ctx, http.MethodGet, guild, nil, &server)
	if err == nil {
		err = a.call(ctx, http.MethodGet, guild+"/members/"+string(me), nil, &member)
	}
	switch {
	case isCode(err, unknownGuild, unknownMember, missingAccess):
		return membership{}, finding(bridge.Amiss, "guild %s: the bot is not on this server, or the id is wrong. Invite it: %s", a.cfg.Guild, invitation(app))
	case err != nil:
		return membership{}, amiss("guild", err)
	}
	m := membership{
		guild: id(a.cfg.Guild), user: me, owner: server.Owner == me, all: map[id]bits{}, mine: map[id]bool{id(a.cfg.Guild): true},
	}
	for _, r := range server.Roles.V {
		m.all[r.V.ID] = r.V.Permissions
	}
	for _, r := range member.Roles.V {
		m.mine[r.V] = true
	}
	return m, finding(bridge.Fine, "guild %s: the bot is on the server %s.", a.cfg.Guild, server.Name)
}

// The codes of what a bot does not see or may not do (D:topics/opcodes-and-status-codes#json); unknownChannel is with
// the others.
const (
	unknownGuild       = 10004
	unknownMember      = 10007
	missingAccess      = 50001
	missingPermissions = 50013
)

// invitation is the address at which a person brings the bot to a server, with what it needs there.
func invitation(app id) string {
	if app == "" {
		app = "APPLICATION_ID"
	}
	return fmt.Sprintf("https://discord.com/oauth2/authorize?client_id=%s&scope=bot+applications.commands&permissions=%d", app, invitedWith)
}

// requireTag is the flag of a forum that wants a tag on every post (D:resources/channel#channel-object-channel-flags).
const requireTag = 1 << 4

// examineChannel proves that a channel is of a kind that serves and that the bot may do there what it must.
func (a *Adapter) examineChannel(ctx context.Context, key, channelID string, m membership) bridge.Finding {
	var ch struct {
		channel
		Name       text            `json:"name"`
		Overwrites list[overwrite] `json:"permission_overwrites"`
	}
	say := func(g bridge.Grade, format string, args ...any) bridge.Finding {
		return finding(g, key+" "+channelID+": "+format, args...)
	}
	err := a.call(ctx, http.MethodGet, "/channels/"+channelID, nil, &ch)
	switch {
	case isCode(err, unknownChannel):
		return say(bridge.Amiss, "%s", adviseChannel)
	case isCode(err, missingAccess):
		return say(bridge.Amiss, "the bot does not see the channel. Give it View Channel there.")
	case err != nil:
		f := amiss("channel", err)
		return say(f.Grade, "%s", f.Public)
	case ch.Guild != m.guild:
		return say(bridge.Amiss, "the channel is on another server than guild says. Correct one of the two ids.")
	}
	forum, need := false, forDesk
	switch kind := ch.Type.V; {
	case key == "colleagues" && (kind == textChannel || kind == newsChannel):
		need = forCommons
	case key == "colleagues":
		return say(bridge.Amiss, "the channel is not a text channel. Configure another one.")
	case kind == forumChannel || kind == mediaChannel:
		forum, need = true, forForum
	case kind != textChannel && kind != newsChannel:
		return say(bridge.Amiss, "%s", adviseKind)
	}
	may := m.in(ch.Overwrites.V)
	if missing := need &^ may; missing != 0 {
		return say(bridge.Amiss, "the bot lacks permissions in #%s: %s. Give them to its role, or in the channel's own permissions.", ch.Name, missing.names())
	}
	if forum && ch.Flags.V&requireTag != 0 && may&manageChannels == 0 && !complete(ch.Tags.V) {
		return say(bridge.Amiss, "%s", adviseTag)
	}
	if key == "channel" && !forum && may&pinMessages == 0 {
		return say(bridge.Aside, "the bot has all the permissions it needs in #%s. To have a list of what is open pinned there, give it Pin Messages as well.", ch.Name)
	}
	return say(bridge.Fine, "the bot has all its permissions in #%s.", ch.Name)
}

// complete reports whether a forum has a tag for each state.
func complete(tags []lenient[tag]) bool {
	d := desk{forum: true}
	for _, t := range tags {
		d.tags = append(d.tags, t.V)
	}
	for _, state := range []bridge.State{bridge.StateUnassigned, bridge.StateAssigned, bridge.StateRobot, bridge.StateClosed} {
		if len(d.tagsFor(state)) == 0 {
			return false
		}
	}
	return true
}

const (
	// threadCap is how many active threads a server can have. Discord publishes no number; many have counted this one.
	threadCap = 1000
	nearCap   = threadCap - threadCap/10
)

func (a *Adapter) examineThreads(ctx context.Context) bridge.Finding {
	var active struct {
		Threads list[struct{}] `json:"threads"`
	}
	if err := a.call(ctx, http.MethodGet, "/guilds/"+a.cfg.Guild+"/threads/active", nil, &active); err != nil {
		return amiss("active threads", err)
	}
	switch n := len(active.Threads.V); {
	case n >= threadCap:
		return finding(bridge.Amiss, "%s", adviseFull)
	case n >= nearCap:
		return finding(bridge.Aside, "The server has %d active threads and room for about %d. Archive some soon.", n, threadCap)
	default:
		return finding(bridge.Fine, "The server has %d active threads and room for about %d.", n, threadCap)
	}
}

func (a *Adapter) examineCommands(ctx context.Context, app id) bridge.Finding {
	if app == "" {
		return finding(bridge.Aside, "Whether the slash commands are declared cannot be said while the application cannot be read.")
	}
	var known []command
	err := a.call(ctx, http.MethodGet, a.commandsPath(string(app)), nil, &known)
	switch {
	case isCode(err, missingAccess):
		return finding(bridge.Amiss, "The bot may not declare slash commands. Invite it again, with the scope applications.commands: %s", invitation(app))
	case err != nil:
		return amiss("commands", err)
	case !reflect.DeepEqual(sorted(known), commandsOf(a.words)):
		return finding(bridge.Aside, "The slash commands are not declared yet, or are of another version. Skein declares them when it starts.")
	}
	return finding(bridge.Fine, "The slash commands are declared.")
}
