package discordtest

import (
	"crypto/rand"
	"mime"
	"net/http"
	"strings"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// oauth is where people say to other sites who they are (https://docs.discord.com/developers/topics/oauth2).
type oauth struct {
	simulator.OAuth
	tokens map[string]string // whose an access token is
}

// SignIn is the page that asks people who they are: who is at the browser, and what they decide.
func (s *Server) SignIn() *simulator.OAuth { return &s.oauth.OAuth }

func (s *Server) newOAuth() *oauth {
	o := &oauth{tokens: map[string]string{}}
	o.ClientID, o.ClientSecret, o.Redirects = s.opts.ApplicationID, s.opts.ClientSecret, s.opts.Redirects
	o.Scopes = []string{"identify"}
	o.Accounts = func() map[string]string {
		s.mu.Lock()
		defer s.mu.Unlock()
		names := map[string]string{}
		for id, u := range s.state.users {
			if !u.Bot {
				names[id] = u.Name()
			}
		}
		return names
	}
	return o
}

// redeem answers what a client posts for a token. It must be a form, though all else is JSON.
func (s *Server) redeem(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, problem string) {
		s.write(w, answer{status: status, body: encode(map[string]any{"error": problem})})
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		refuse(http.StatusBadRequest, "invalid_request")
		return
	}
	grant, problem := s.oauth.Redeem(r.PostForm)
	switch problem {
	case "":
	case "invalid_client":
		refuse(http.StatusUnauthorized, problem)
		return
	default:
		refuse(http.StatusBadRequest, problem)
		return
	}
	token := rand.Text()
	s.locked(func() { s.oauth.tokens[token] = grant.Person })
	s.write(w, answer{status: http.StatusOK, body: encode(map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": 604800, "refresh_token": rand.Text(), "scope": strings.Join(grant.Scopes, " "),
	})})
}

// whose is the account behind a call with a person's own token; "": it is none.
func (s *Server) whose(c *call) string {
	token, ok := strings.CutPrefix(c.auth, "Bearer ")
	if !ok || c.name != "get_my_user" {
		return ""
	}
	return s.oauth.tokens[token]
}
