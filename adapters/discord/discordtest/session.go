package discordtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// session is what a gateway connection identified: it outlives the connection for a resume.
type session struct {
	id      string
	intents int
	seq     int
	log     []dispatched // the last dispatches, oldest first
	sock    *socket      // nil while nothing is connected
	left    time.Time    // when the connection ended
}

type dispatched struct {
	seq   int
	frame []byte
}

// dispatch numbers an event, keeps it for a resume and sends it.
func (sess *session) dispatch(kind string, data any, keep int) {
	sess.seq++
	frame := encode(object{"op": opDispatch, "t": kind, "s": sess.seq, "d": data})
	sess.log = append(sess.log, dispatched{sess.seq, frame})
	if len(sess.log) > keep {
		sess.log = sess.log[1:]
	}
	if sess.sock != nil {
		sess.sock.push(frame)
	}
}

// identify begins a session (https://docs.discord.com/developers/events/gateway#identifying).
func (s *Server) identify(sock *socket, data json.RawMessage) {
	var id struct {
		Token      string                     `json:"token"`
		Intents    *int                       `json:"intents"`
		Properties map[string]json.RawMessage `json:"properties"`
		Shard      []int                      `json:"shard"`
	}
	if sock.session != nil {
		sock.closeWith(closeAlreadyAuthenticated, "Already authenticated.")
		return
	}
	if json.Unmarshal(data, &id) != nil || id.Properties == nil || id.Intents == nil {
		sock.closeWith(closeDecodeError, "Error while decoding payload.")
		return
	}
	s.gateway.identifies = append(s.gateway.identifies, time.Now())
	if s.gateway.identified() > s.opts.MaxIdentifies {
		s.revoked = true // Discord resets the token
	}
	allowed := allIntents &^ privilegedIntents
	for intent, on := range map[int]bool{IntentMessageContent: s.content, IntentMembers: s.opts.Members, IntentPresences: s.opts.Presences} {
		if on {
			allowed |= intent
		}
	}
	switch {
	case strings.TrimPrefix(id.Token, "Bot ") != s.opts.Token || s.revoked:
		sock.closeWith(closeAuthenticationFailed, "Authentication failed.")
	case *id.Intents&^allIntents != 0:
		sock.closeWith(closeInvalidIntents, "Invalid intent(s).")
	case *id.Intents&^allowed != 0:
		sock.closeWith(closeDisallowedIntents, "Disallowed intent(s).")
	case s.disturbIdentify(sock):
	default:
		s.begin(sock, *id.Intents)
	}
}

// begin makes a session ready: READY, then the guild.
func (s *Server) begin(sock *socket, intents int) {
	sess := &session{id: "session-" + s.state.newID(), intents: intents, sock: sock}
	sock.session = sess
	s.forgetLeft()
	s.gateway.sessions = append(s.gateway.sessions, sess)
	s.gateway.total.Readies++
	sess.dispatch("READY", object{
		"v": 9, "user": s.wireUser(s.state.users[s.opts.BotUserID]), "session_id": sess.id,
		"resume_gateway_url": s.gatewayURL(), "guilds": []object{{"id": s.opts.GuildID, "unavailable": true}},
		"application": object{"id": s.opts.ApplicationID, "flags": 0}, "session_type": "normal",
	}, s.opts.Replay)
	if intents&IntentGuilds != 0 && !s.state.users[s.opts.BotUserID].Left {
		sess.dispatch("GUILD_CREATE", s.guildCreate(), s.opts.Replay)
	}
}

// resume goes on with a session: what was missed, then RESUMED. What cannot be replayed is an invalid session.
func (s *Server) resume(sock *socket, data json.RawMessage) {
	var r struct {
		Token     string `json:"token"`
		SessionID string `json:"session_id"`
		Seq       int    `json:"seq"`
	}
	if json.Unmarshal(data, &r) != nil {
		sock.closeWith(closeDecodeError, "Error while decoding payload.")
		return
	}
	if strings.TrimPrefix(r.Token, "Bot ") != s.opts.Token || s.revoked {
		sock.closeWith(closeAuthenticationFailed, "Authentication failed.")
		return
	}
	if s.disturbIdentify(sock) {
		return
	}
	s.forgetLeft()
	var sess *session
	for _, one := range s.gateway.sessions {
		if one.id == r.SessionID {
			sess = one
		}
	}
	switch {
	case sess == nil:
		sock.send(opInvalidSession, false)
		return
	case r.Seq > sess.seq:
		sock.closeWith(closeInvalidSeq, "Invalid seq.")
		return
	case len(sess.log) > 0 && r.Seq < sess.log[0].seq-1:
		s.gateway.sessions = deleted(s.gateway.sessions, sess)
		sock.send(opInvalidSession, false)
		return
	}
	if old := sess.sock; old != nil {
		old.session = nil
		old.close()
	}
	sess.sock, sock.session = sock, sess
	s.gateway.total.Resumes++
	for _, d := range sess.log {
		if d.seq > r.Seq {
			sock.push(d.frame)
			s.gateway.total.Replayed++
		}
	}
	sess.dispatch("RESUMED", object{}, s.opts.Replay)
}

// forgetLeft ends the sessions that nobody came back for.
func (s *Server) forgetLeft() {
	s.gateway.sessions = slices.DeleteFunc(s.gateway.sessions, func(sess *session) bool {
		return sess.sock == nil && time.Since(sess.left) > s.opts.ResumeWindow
	})
}
