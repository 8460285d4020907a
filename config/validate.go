package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Validate checks a configuration that was made by hand, as [Load] checks what it has read. The error is of type
// [Problems].
func (c Config) Validate() error {
	ch := newChecker(place{})
	c.check(&ch)
	return ch.problems.err()
}

// A checker collects problems with what was decoded.
type checker struct {
	problems Problems
	places   map[string]place // by dotted path, of everything that was said; the root's is always there
	broken   map[string]bool  // paths that have a problem already: what holds there is not what was meant
	path     string           // of the section being checked
}

func newChecker(root place) checker {
	return checker{places: map[string]place{"": root}, broken: make(map[string]bool)}
}

func (c *checker) add(at place, path, text string) {
	c.broken[path] = true
	c.problems = append(c.problems, at.problem(path, text))
}

// expect reports that the key of the section being checked should have been something else, unless ok. A key that is
// not there is reported at the nearest section around it that is.
func (c *checker) expect(ok bool, key, expected string) {
	path := join(c.path, key)
	if ok || c.broken[path] {
		return
	}
	at, said := c.places[path]
	for above := path; !said; at, said = c.places[above] {
		above = above[:max(0, strings.LastIndexAny(above, ".["))]
	}
	if _, exact := c.places[path]; !exact && at.variable != "" {
		at.variable = variableFor(path)
	}
	c.add(at, path, "expected "+expected)
}

// variableFor returns the variable that stands for the key or for the list with the item at path.
func variableFor(path string) string {
	path, _, _ = strings.Cut(path, "[")
	return prefix + strings.ToUpper(strings.NewReplacer(".", "__", "-", "_").Replace(path))
}

func (c *checker) oneOf(key, value string, names ...string) {
	c.expect(contains(names, value), key, either(names))
}

func (c Config) check(ch *checker) {
	ch.expect(isAddress(c.Listen), "listen", "host:port, such as 127.0.0.1:8080")
	ch.expect(c.MetricsListen == "" || isAddress(c.MetricsListen), "metrics_listen", "host:port, or nothing")
	ch.expect(c.MetricsListen == "" || c.MetricsListen != c.Listen || strings.HasSuffix(c.Listen, ":0"),
		"metrics_listen", "another address than listen has")
	ch.expect(isWeb(c.PublicURL), "public_url", "an http:// or https:// URL without a query")
	for i, p := range c.TrustedProxies {
		ch.expect(isNetwork(p), fmt.Sprintf("trusted_proxies[%d]", i), "an address or a network, such as 10.0.0.0/8")
	}
	ch.expect(isDatabase(string(c.Database)), "database", "sqlite:PATH or postgres://…")
	ch.expect(isFileStore(c.Files), "files", "a directory or s3://bucket?region=…")
	ch.expect((c.FilesAccessKey == "") == (c.FilesSecretKey == ""), "files_secret_key", "both files_access_key and files_secret_key, or neither")
	ch.expect(c.PictureMegapixels > 0 && c.PictureMegapixels <= 200, "picture_megapixels", "a number from 1 to 200")
	ch.oneOf("log_format", c.LogFormat, LogText, LogJSON)
	for _, e := range c.Endpoints {
		c.checkEndpoint(ch, e)
	}
	c.checkColleagues(ch)
	c.Assignment.check(ch)
	c.Translator.check(ch)
	c.Robot.check(ch)
	c.Mail.check(ch)
	ch.expect(isZone(c.Reports.Zone), "reports.zone", "a time zone such as Europe/Berlin")
	ch.expect(c.Retention.ClosedDays >= 0 && c.Retention.ClosedDays <= 3650, "retention.closed_days", "a number of days, or 0 (never)")
}

func isZone(name string) bool {
	zone, err := time.LoadLocation(name)
	return err == nil && zone != time.Local
}

func (a Assignment) check(ch *checker) {
	ch.path = "assignment"
	defer func() { ch.path = "" }()
	ch.oneOf("mode", a.Mode, AssignOff, AssignRoundRobin, AssignLeastBusy, AssignByLanguage)
	ch.expect(a.RemindAfter >= 0, "remind_after", "0 (never) or a time such as 5m")
	ch.expect(a.EscalateAfter == 0 || a.EscalateAfter >= a.RemindAfter, "escalate_after", "0 (never) or a time that is not shorter than remind_after")
	ch.expect(a.ReopenDays >= 0 && a.ReopenDays <= 3650, "reopen_days", "a number of days, or 0 (always)")
}

func isNetwork(s string) bool {
	_, err := netip.ParsePrefix(s)
	if err != nil {
		_, err = netip.ParseAddr(s)
	}
	return err == nil
}

func (c Config) checkEndpoint(ch *checker, e Endpoint) {
	section := join(endpointsKey, presentable(e.Name))
	ch.expect(namePattern.MatchString(e.Name), section, "a name of small letters, digits and hyphens")
	same := 0
	for _, other := range c.Endpoints {
		if other.Name == e.Name {
			same++
		}
	}
	ch.expect(same == 1, section, "a name that no other endpoint has")
	ch.path = section
	defer func() { ch.path = "" }()
	if e.Settings == nil {
		ch.expect(false, typeKey, "a type: "+either(types))
		return
	}
	if desk := e.desk(); desk != nil {
		c.checkDesk(ch, *desk)
	}
	switch s := e.Settings.(type) {
	case *Website:
		checkRules(ch, s.Routes, s.Desk, true)
	case *Telegram:
		checkRules(ch, s.Routes, s.Desk, false)
	}
	if s, ok := e.Settings.(*Website); ok && s.Telegram != "" {
		other, _ := c.Endpoint(s.Telegram)
		_, ok := other.Settings.(*Telegram)
		ch.expect(ok || ch.untyped(s.Telegram), "telegram", "the name of an endpoint of type telegram instead of "+presentable(s.Telegram))
	}
	e.Settings.validate(ch)
}

func (c Config) checkDesk(ch *checker, desk []string) {
	teams := c.teams()
	ch.expect(len(desk) > 0, "desk", "the names of the endpoints where conversations open threads: "+either(teams))
	for i, name := range desk {
		key := fmt.Sprintf("desk[%d]", i)
		ch.expect(contains(teams, name) || ch.untyped(name), key, expectTeam(name, teams))
		ch.expect(slices.Index(desk, name) == i, key, "each endpoint once")
	}
}

func (c Config) checkColleagues(ch *checker) {
	teams := c.teams()
	for i, name := range c.Colleagues {
		key := fmt.Sprintf("colleagues[%d]", i)
		ch.expect(contains(teams, name) || ch.untyped(name), key, expectTeam(name, teams))
		if !contains(teams, name) {
			continue
		}
		ch.expect(slices.Index(c.Colleagues, name) == i, key, "each endpoint once")
		e, _ := c.Endpoint(name)
		ch.expect(e.team().Colleagues != "", key, "an endpoint with a `colleagues` channel of its own, which "+name+" lacks")
	}
}

// untyped reports whether there is an endpoint of that name whose type is wrong, which is problem enough.
func (c *checker) untyped(name string) bool {
	return c.broken[join(join(endpointsKey, name), typeKey)]
}

// expectTeam says what should stand where name does.
func expectTeam(name string, teams []string) string {
	text := "an endpoint of type slack or discord instead of " + presentable(name) + ": " + either(teams)
	if near := nearest(name, teams); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text
}

// teams returns the names of the endpoints where agents write.
func (c Config) teams() (names []string) {
	for _, e := range c.Endpoints {
		if e.Settings != nil && e.team() != nil {
			names = append(names, e.Name)
		}
	}
	return names
}

var (
	accentPattern   = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	languagePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

func (s *Website) validate(c *checker) {
	for i, origin := range s.AllowedOrigins {
		c.expect(isOrigin(origin), fmt.Sprintf("allowed_origins[%d]", i), "an origin, such as https://shop.example.com, without a path")
	}
	c.expect(s.Accent == "" || accentPattern.MatchString(s.Accent), "accent", "a colour such as \"#2459d3\"")
	c.expect(s.MaxFileSize > 0, "max_file_size", "a size above 0")
	s.Greeting.check(c, "greeting")
	s.Away.check(c, "away")
	s.checkForm(c)
	s.Hours.check(c)
	for key, n := range map[string]int{
		"messages_per_minute": s.Limits.MessagesPerMinute,
		"sessions_per_minute": s.Limits.SessionsPerMinute,
		"requests_per_minute": s.Limits.RequestsPerMinute,
		"streams_per_address": s.Limits.StreamsPerAddress,
	} {
		c.expect(n >= 0, "limits."+key, "0 (no limit) or more")
	}
}

func (s *Telegram) validate(c *checker) {
	c.expect(s.Token != "", "token", "the bot's token from @BotFather")
	c.expect(isWeb(s.APIURL), "api_url", "an http:// or https:// URL without a query")
	c.oneOf("mode", s.Mode, TelegramPolling, TelegramWebhook)
	s.Rates.validate(c)
}

func (s *Slack) validate(c *checker) {
	c.expect(s.BotToken != "", "bot_token", "the app's bot token (xoxb-…)")
	c.expect(s.AppToken != "" || s.SigningSecret != "", "app_token",
		"an app-level token (xapp-…) for Socket Mode, or else signing_secret for HTTP mode")
	c.expect(isWeb(s.APIURL), "api_url", "an http:// or https:// URL without a query")
	c.expect(s.PingInterval > 0, "ping_interval", "a duration above 0")
	s.Client.validate(c)
	s.Team.validate(c)
	s.Rates.validate(c)
}

func (s *Discord) validate(c *checker) {
	c.expect(s.Token != "", "token", "the bot's token")
	c.expect(s.Guild != "", "guild", "the server's id")
	c.expect(isWeb(s.APIURL), "api_url", "an http:// or https:// URL without a query")
	s.Client.validate(c)
	s.Team.validate(c)
	s.Rates.validate(c)
}

func (s Client) validate(c *checker) {
	c.expect(s.ClientSecret != "" || s.ClientID == "", "client_secret", "the secret that belongs to client_id")
	c.expect(s.ClientID != "" || s.ClientSecret == "", "client_id", "the id that belongs to client_secret")
	c.expect(s.SignInURL == "" || isWeb(s.SignInURL), "sign_in_url", "an http:// or https:// URL without a query")
}

func (t Team) validate(c *checker) {
	c.expect(t.Channel != "" && !strings.HasPrefix(t.Channel, "#"), "channel", "the id of the channel of visitors' threads, not its name")
	c.expect(!strings.HasPrefix(t.Colleagues, "#"), "colleagues", "a channel's id, not its name")
	c.expect(t.Colleagues == "" || t.Colleagues != t.Channel, "colleagues", "another channel than `channel`")
	c.expect(languagePattern.MatchString(t.Language), "language", "a language such as en or pt-BR")
	c.oneOf("plain_text", t.PlainText, PlainReply, PlainNote)
	c.oneOf("guard", t.Guard, GuardAsk, GuardOff)
	c.oneOf("members", t.Members, MembersOpen, MembersInvited)
	c.expect(t.Hold >= 0 && t.Hold <= MaxHold, "hold", "a duration from 0s to 10s")
}

// maxRate keeps the arithmetic of pacing far from its limits; no platform takes as many.
const maxRate = 10_000

func (r Rates) validate(c *checker) {
	// Written so that NaN is refused too.
	c.expect(r.Place >= 0 && r.Place <= maxRate, "place_rate", "messages a second, 0 or more")
	c.expect(r.Total >= 0 && r.Total <= maxRate, "total_rate", "messages a second, 0 or more")
}

func (t Translator) check(c *checker) {
	c.path = "translator"
	defer func() { c.path = "" }()
	c.oneOf("engine", t.Engine, NoEngine, "apertium", "libretranslate", "deepl", "google", "azure", "openai")
	c.expect(t.Limit >= 100*time.Millisecond && t.Limit <= 10*time.Second, "limit", "a duration from 100ms to 10s")
	c.expect(t.MonthlyCharacters >= 0, "monthly_characters", "a number of characters, or 0 for no cap")
	c.expect(t.URL == "" || isWeb(t.URL), "url", "an http:// or https:// URL without a query")
	switch t.Engine {
	case "apertium", "libretranslate":
		c.expect(t.URL != "", "url", "the address of the "+t.Engine+" server")
	case "deepl", "google", "azure":
		c.expect(t.Key != "", "key", "the key of "+t.Engine)
	case "openai":
		c.expect(t.Key != "" || t.URL != "", "key", "a key, or the url of a server that needs none")
	}
}

func (r Robot) check(c *checker) {
	c.path = "robot"
	defer func() { c.path = "" }()
	c.oneOf("engine", r.Engine, NoEngine, "knowledge", "openai", "webhook")
	c.oneOf("mode", r.Mode, RobotAnswers, RobotDrafts)
	c.expect(strings.TrimSpace(r.Name) != "" && len(r.Name) <= 80, "name", "a name of at most 80 characters")
	c.expect(r.UnsureAfter >= 1 && r.UnsureAfter <= 10, "unsure_after", "a number from 1 to 10")
	c.expect(contains([]string{"", "within", "outside"}, r.Handoff.Hours), "handoff.hours", "within, outside or nothing")
	for _, p := range r.Handoff.Pages {
		c.expect(strings.HasPrefix(p, "/") || strings.HasPrefix(p, "*"), "handoff.pages", "paths such as /orders or */returns")
	}
	for _, w := range r.Handoff.Words {
		c.expect(strings.TrimSpace(w) != "", "handoff.words", "words")
	}
	c.expect(r.URL == "" || isWeb(r.URL), "url", "an http:// or https:// URL without a query")
	switch r.Engine {
	case "webhook":
		c.expect(r.URL != "", "url", "the address of the webhook")
		c.expect(r.Key != "", "key", "the secret that signs the requests to your bot")
	case "openai":
		c.expect(r.Model != "", "model", "the name of a model")
		c.expect(r.Key != "" || r.URL != "", "key", "a key, or the url of a server that needs none")
	}
}

func (m Mail) check(c *checker) {
	c.path = "mail"
	defer func() { c.path = "" }()
	u, err := url.Parse(string(m.SMTP))
	c.expect(m.SMTP == "" || err == nil && (u.Scheme == "smtp" || u.Scheme == "smtps") && u.Hostname() != "" && u.Path == "",
		"smtp", "smtp://user:password@host:587, or smtps:// for TLS from the start")
	_, err = mail.ParseAddress(m.From)
	c.expect(m.From == "" || err == nil, "from", "an e-mail address, perhaps with a name: Fern & Moss <help@fern.example>")
	c.expect((m.SMTP == "") == (m.From == ""), "from", "both smtp and from, or neither")
	c.expect(m.After > 0, "after", "a time such as 10m")
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// isWeb reports whether paths can be appended to the URL s. User names and passwords do not belong there: they
// would be shown wherever the address is.
func isWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}

// isOrigin reports whether a browser could send s as the Origin of a web page.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isWeb(s) && u.Path == "" && s == strings.ToLower(s)
}

func isDatabase(s string) bool {
	if path, ok := strings.CutPrefix(s, "sqlite:"); ok {
		return path != ""
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") && (u.Host != "" || u.Path != "" || u.RawQuery != "")
}

func isFileStore(s string) bool {
	scheme, _, remote := strings.Cut(s, "://")
	if !remote {
		return s != ""
	}
	u, err := url.Parse(s)
	return err == nil && scheme == "s3" && u.Host != "" && u.User == nil
}
