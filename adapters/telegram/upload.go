package telegram

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// form is how Telegram shows a file: by which method it is sent and under which name.
type form struct {
	method string
	field  string
}

var (
	asPhoto     = form{"sendPhoto", "photo"}
	asVoice     = form{"sendVoice", "voice"}
	asAudio     = form{"sendAudio", "audio"}
	asVideo     = form{"sendVideo", "video"}
	asAnimation = form{"sendAnimation", "animation"}
	asDocument  = form{"sendDocument", "document"}
)

// formOf chooses by type, size and measures. A picture whose measures are not known is a document: Telegram refuses
// photos that are too large or too long (T:sendphoto), and shows photos without their names.
func formOf(f bridge.File) form {
	switch f.Type {
	case "image/jpeg", "image/png", "image/webp":
		short, long := min(f.Width, f.Height), max(f.Width, f.Height)
		if f.Size <= maxPhoto && short > 0 && short+long <= 10_000 && long <= 20*short {
			return asPhoto
		}
	case "image/gif":
		return asAnimation
	case "audio/ogg":
		return asVoice
	case "audio/mpeg", "audio/mp4", "audio/x-m4a":
		return asAudio
	case "video/mp4":
		return asVideo
	}
	return asDocument
}

// postFile sends a file with its caption. One that Telegram does not take in its form is sent as a document, and one
// that it does not take at all is described, where that helps.
func (a *Adapter) postFile(ctx context.Context, at place, content post) (bridge.Sent, *bridge.Failure) {
	if failed := a.sendable(*content.File); failed != nil {
		return bridge.Sent{}, failed
	}
	refused := false
	form := formOf(*content.File)
	sent, failed := a.made(ctx, at, form.method, true, func(at place, answer *message) error {
		err := a.postAs(ctx, at, content, form, answer)
		if form != asDocument && isFormRefused(err) {
			err = a.postAs(ctx, at, content, asDocument, answer)
		}
		refused = isFormRefused(err)
		return err
	})
	if f := content.File; refused && f.Link != "" {
		content = content.adding(rich.Doc{f.About()})
		content.File = nil
		return a.postText(ctx, at, content)
	}
	return sent, failed
}

// isFormRefused reports whether Telegram did not like the file in this form, rather than the chat or the text.
func isFormRefused(err error) bool {
	return isCode(err, http.StatusBadRequest) && says(err, "photo", "image", "voice", "audio", "video", "animation", "file", "wrong type")
}

// sendable refuses what Telegram certainly will not take, before anything is sent.
func (a *Adapter) sendable(f bridge.File) *bridge.Failure {
	switch {
	case a.cfg.Files == nil || f.Size <= 0:
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is empty or cannot be read.", Err: io.ErrUnexpectedEOF}
	case f.Size > maxUpload:
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is larger than 50 MB, which Telegram does not take from a bot.", Err: bridge.ErrTooLarge}
	}
	return nil
}

func (a *Adapter) postAs(ctx context.Context, at place, content post, form form, answer *message) error {
	params := addressed(at, tgbotapi.Params{})
	content.answering(params)
	if content.Text != "" {
		params["caption"] = content.Text
		if err := content.mark(params, "caption_entities"); err != nil {
			return badPart(err)
		}
	}
	if form == asDocument {
		params["disable_content_type_detection"] = "true"
	}
	return a.pour(ctx, form.method, form.field, params, *content.File, answer)
}

// inputMedia is the new content of a message with a file (T:inputmedia). Telegram changes any kind into a document.
type inputMedia struct {
	Type     string            `json:"type"`
	Media    string            `json:"media"`
	Caption  string            `json:"caption,omitempty"`
	Entities []entities.Entity `json:"caption_entities,omitempty"`
	AsIs     bool              `json:"disable_content_type_detection,omitempty"`
}

// replaceFile gives a message another file.
func (a *Adapter) replaceFile(ctx context.Context, params tgbotapi.Params, content post) error {
	f := *content.File
	if failed := a.sendable(f); failed != nil {
		return failed
	}
	kind := "document"
	if formOf(f) == asPhoto {
		kind = "photo"
	}
	media, err := json.Marshal(inputMedia{
		Type: kind, Media: "attach://file", Caption: content.Text, Entities: content.Entities, AsIs: kind == "document",
	})
	if err != nil {
		return badPart(err)
	}
	params["media"] = string(media)
	return a.pour(ctx, "editMessageMedia", "file", params, f, nil)
}

// pour streams a file to a method.
func (a *Adapter) pour(ctx context.Context, method, field string, params tgbotapi.Params, f bridge.File, answer any) error {
	bytes, err := a.cfg.Files.OpenFile(ctx, f)
	if err != nil {
		return cannotOpen(err)
	}
	defer bytes.Close()
	source := &steady{source: bytes}
	err = a.upload(ctx, method, params, []tgbotapi.RequestFile{{Name: field, Data: upload{name: plainFileName(f.Name), bytes: source}}}, answer)
	if broken := source.stop(); broken != nil && err != nil {
		return cannotOpen(broken)
	}
	return err
}

// upload is a file for the library.
type upload struct {
	name  string
	bytes io.Reader
}

var _ tgbotapi.RequestFileData = upload{}

func (u upload) NeedsUpload() bool                      { return true }
func (u upload) UploadData() (string, io.Reader, error) { return u.name, u.bytes, nil }
func (u upload) SendData() string                       { return "" }

// maxFileName is far below what file systems allow.
const maxFileName = 150

// plainFileName is a name that stays within its folder and on its line. A long one loses its middle, not its ending.
func plainFileName(name string) string {
	name = strings.Join(strings.Fields(rich.Clean(name[strings.LastIndexAny(name, `/\`)+1:])), " ")
	name = orText(strings.Trim(name, ". "), "file")
	if runes := []rune(name); len(runes) > maxFileName {
		name = string(runes[:maxFileName-21]) + "…" + string(runes[len(runes)-20:])
	}
	return name
}
