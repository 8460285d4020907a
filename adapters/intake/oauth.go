package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/skeindesk/skein/bridge"
)

// Redeem has a platform of that name take the code with which a browser came back from it, and the verifier that belongs
// to the code (RFC 7636); empty: the code was asked for without a challenge. The error is a *bridge.Failure, and holds neither.
func Redeem(ctx context.Context, platform string, c *oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	var options []oauth2.AuthCodeOption
	if verifier != "" {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	token, err := c.Exchange(ctx, code, options...)
	if err != nil {
		return nil, notRedeemed(platform, err)
	}
	return token, nil
}

// refusedClient are what a platform says when it is not the code that is wrong.
var refusedClient = []string{"invalid_client", "invalid_client_id", "bad_client_secret", "unauthorized_client"}

func notRedeemed(platform string, err error) *bridge.Failure {
	answered, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return Unidentified(platform, err)
	}
	status := answered.Response.StatusCode
	cause := fmt.Errorf("the code is answered with status %d, %.60q", status, answered.ErrorCode)
	switch {
	case slices.Contains(refusedClient, answered.ErrorCode):
		return &bridge.Failure{
			Verdict: bridge.Wait, Refused: true, Err: cause,
			Public: platform + " does not accept client_id and client_secret. Whoever runs Skein has to put them right.",
		}
	case status == http.StatusTooManyRequests:
		return &bridge.Failure{Verdict: bridge.Wait, After: time.Minute, Public: platform + " asks to wait. Try again in a minute.", Err: cause}
	case status < http.StatusInternalServerError && answered.ErrorCode != "":
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: platform + " did not accept this sign-in: it took too long, or was used already. Begin again.", Err: cause}
	}
	return Unidentified(platform, cause)
}

// maxCause is how much of what a platform answered is kept, in bytes.
const maxCause = 200

// Unidentified is that a platform could not be asked who somebody is, or answers what nobody understands.
func Unidentified(platform string, err error) *bridge.Failure {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // without the address
	}
	if text := err.Error(); len(text) > maxCause {
		err = errors.New(text[:maxCause])
	}
	return &bridge.Failure{Verdict: bridge.Retry, Public: platform + " did not answer as it should. Try again in a moment, or come in by a link.", Err: err}
}
