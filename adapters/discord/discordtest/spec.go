package discordtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Spec is Discord's official OpenAPI description (github.com/discord/discord-api-spec), ready to check with. It may be
// shared by servers.
type Spec struct {
	operations map[string]operation
}

type operation struct {
	*openapi3.Operation
	shared openapi3.Parameters // of the path
}

// Violation is a request or an answer that does not agree with the official description.
type Violation struct {
	Method string // operation, as in Call
	Answer bool   // the simulator's own fault, not the client's
	Text   string
}

func (v Violation) String() string {
	who := "request"
	if v.Answer {
		who = "answer"
	}
	return v.Method + " " + who + ": " + v.Text
}

// LoadSpec reads discord-openapi.json in the folder.
func LoadSpec(folder string) (*Spec, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(folder, "discord-openapi.json"))
	if err != nil {
		return nil, fmt.Errorf("discordtest: load the description: %w", err)
	}
	nameErrors(doc)
	spec := &Spec{operations: map[string]operation{}}
	walk := constants{}
	for _, path := range doc.Paths.Map() {
		for _, op := range path.Operations() {
			spec.operations[op.OperationID] = operation{op, path.Parameters}
			walk.operation(op)
		}
		walk.parameters(path.Parameters)
	}
	for _, r := range doc.Components.Responses {
		walk.content(r.Value.Content)
	}
	return spec, nil
}

// nameErrors lets the errors of single fields have names for codes ("BASE_TYPE_MAX_LENGTH"), as Discord's documentation
// shows them (https://docs.discord.com/developers/reference#error-messages). The description says numbers.
func nameErrors(doc *openapi3.T) {
	named := openapi3.NewObjectSchema().WithProperty("code", openapi3.NewStringSchema()).
		WithProperty("message", openapi3.NewStringSchema()).WithRequired([]string{"code", "message"})
	doc.Components.Schemas["InnerErrors"].Value.Properties["_errors"].Value.Items = named.NewRef()
}

// constants rewrites "const" as an "enum" of one. The validator that knows const compiles a schema anew for every
// check, a hundred times slower than the one that does not.
type constants map[*openapi3.Schema]bool

func (seen constants) operation(op *openapi3.Operation) {
	seen.parameters(op.Parameters)
	if op.RequestBody != nil {
		seen.content(op.RequestBody.Value.Content)
	}
	for _, r := range op.Responses.Map() {
		seen.content(r.Value.Content)
	}
}

func (seen constants) parameters(list openapi3.Parameters) {
	for _, p := range list {
		seen.schema(p.Value.Schema)
	}
}

func (seen constants) content(c openapi3.Content) {
	for _, media := range c {
		seen.schema(media.Schema)
	}
}

func (seen constants) schema(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	schema := ref.Value
	seen[schema] = true
	if schema.Const != nil {
		schema.Enum = []any{schema.Const}
	}
	for _, list := range []openapi3.SchemaRefs{schema.OneOf, schema.AnyOf, schema.AllOf} {
		for _, r := range list {
			seen.schema(r)
		}
	}
	for _, r := range schema.Properties {
		seen.schema(r)
	}
	seen.schema(schema.Items)
	seen.schema(schema.AdditionalProperties.Schema)
}

// tolerated are the fields beside the description that Discord ignores and clients are known to send: discordgo v0.29.0
// fills every field of one struct for text threads and forum posts, and its MessageEdit has two fields without a tag.
var tolerated = map[string][]string{
	"create_thread":              {"type", "invitable", "rate_limit_per_user"},
	"create_thread_from_message": {"type", "invitable"},
	"update_message":             {"ID", "Channel"},
}

// request checks the parameters and the JSON body of a request. An empty body is none.
func (spec *Spec) request(name string, ids map[string]string, query url.Values, body json.RawMessage) error {
	op, ok := spec.operations[name]
	if !ok {
		return fmt.Errorf("no operation %s", name)
	}
	known := map[string]bool{}
	for _, p := range slices.Concat(op.shared, op.Parameters) {
		value, given := ids[p.Value.Name], true
		if p.Value.In == openapi3.ParameterInQuery {
			known[p.Value.Name] = true
			given, value = query.Has(p.Value.Name), query.Get(p.Value.Name)
		}
		if !given {
			continue
		}
		if err := parameter(p.Value.Schema, value); err != nil {
			return fmt.Errorf("%s: %w", p.Value.Name, err)
		}
	}
	for key := range query {
		if !known[key] {
			return fmt.Errorf("unknown query parameter %s", key)
		}
	}
	if op.RequestBody == nil {
		if len(body) > 0 {
			return fmt.Errorf("a body where none is taken")
		}
		return nil
	}
	return op.body(name, body)
}

func (op operation) body(name string, body json.RawMessage) error {
	media := op.RequestBody.Value.Content.Get("application/json")
	if len(body) == 0 {
		if op.RequestBody.Value.Required {
			return fmt.Errorf("no body")
		}
		return nil
	}
	value, err := check(media.Schema, body)
	if err != nil {
		return err
	}
	fields, _ := value.(map[string]any)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if !declares(media.Schema, field) && !slices.Contains(tolerated[name], field) {
			return fmt.Errorf("unknown field %s", field)
		}
	}
	return nil
}

// declares reports whether a schema, or one of those it is made of, has the property.
func declares(ref *openapi3.SchemaRef, field string) bool {
	if ref.Value.Properties[field] != nil {
		return true
	}
	for _, list := range []openapi3.SchemaRefs{ref.Value.OneOf, ref.Value.AnyOf, ref.Value.AllOf} {
		for _, r := range list {
			if declares(r, field) {
				return true
			}
		}
	}
	return false
}

func parameter(schema *openapi3.SchemaRef, value string) error {
	var typed any = value
	switch {
	case schema.Value.Type.Is("integer"):
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("not a number")
		}
		typed = float64(n)
	case schema.Value.Type.Is("boolean"):
		b, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("not a boolean")
		}
		typed = b
	}
	return brief(schema.Value.VisitJSON(typed))
}

// answer checks the simulator's own answer.
func (spec *Spec) answer(name string, status int, body []byte) error {
	op, ok := spec.operations[name]
	if !ok {
		return fmt.Errorf("no operation %s", name)
	}
	resp := op.Responses.Status(status)
	if resp == nil && status/100 == 4 {
		resp = op.Responses.Value("4XX")
	}
	switch {
	case resp == nil:
		return fmt.Errorf("no answer has the status %d", status)
	case status == http.StatusNoContent || resp.Value.Content == nil:
		if len(body) > 0 {
			return fmt.Errorf("a body with status %d", status)
		}
		return nil
	}
	_, err := check(resp.Value.Content.Get("application/json").Schema, body)
	return err
}

func check(schema *openapi3.SchemaRef, body []byte) (any, error) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return value, brief(schema.Value.VisitJSON(value, openapi3.EnableFormatValidation()))
}

// brief cuts an error to what can be read: those of unions repeat every member.
func brief(err error) error {
	if err == nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if strings.HasPrefix(strings.TrimSpace(line), "Schema:") {
			break
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	text := strings.Join(lines, " ")
	if len(text) > 600 {
		text = text[:600] + "…"
	}
	return fmt.Errorf("%s", text)
}

// Violations lists the requests and answers that did not agree with Options.Spec.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
