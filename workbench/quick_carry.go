package workbench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
)

func (b *Workbench) quickAskImport(*visit) (content, error) {
	return content{title: "Import and export", body: quickCarryPage("", nil)}, nil
}

// quickImport reads a file of quick replies: all of them, or none and what is wrong in which line.
func (b *Workbench) quickImport(v *visit) error {
	if err := v.readUpload(); err != nil {
		return err
	}
	file, header, err := v.FormFile("file")
	if err != nil {
		return b.quickRefuse(v, "Nothing was imported: choose a file that ends in .csv or .json.", nil)
	}
	defer file.Close() // it was only read
	read := readerOf(header.Filename)
	if read == nil {
		return b.quickRefuse(v, "Nothing was imported: the name of the file has to end in .csv or .json.", nil)
	}
	replies, faults := read(file, int64(v.agent.ID))
	if len(faults) > 0 {
		return b.quickRefuse(v, "Nothing was imported: "+many(len(faults), "thing is", "things are")+" to be put right in "+header.Filename+".", faults)
	}
	added, replaced, err := b.cfg.Desk.ImportQuickReplies(v.Context(), v.agent.ID, replies)
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		return b.quickRefuse(v, problem.Public, nil)
	} else if err != nil {
		return err
	}
	v.tell(fmt.Sprintf("Quick replies added: %d, replaced: %d.", added, replaced), false)
	http.Redirect(v.w, v.Request, quickPath, http.StatusSeeOther)
	return nil
}

func (b *Workbench) quickRefuse(v *visit, why string, faults []quickreply.Fault) error {
	return v.render(http.StatusUnprocessableEntity, content{title: "Import and export", body: quickCarryPage(why, faults)})
}

func readerOf(name string) func(io.Reader, int64) ([]quickreply.Reply, []quickreply.Fault) {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		return quickreply.ReadCSV
	case ".json":
		return quickreply.ReadJSON
	}
	return nil
}

// quickExport is a download of the team's quick replies, or with ?group=mine of the agent's own.
func quickExport(kind string, write func(io.Writer, []quickreply.Reply) error) func(v *visit) error {
	return func(v *visit) error {
		all, err := v.bench.cfg.Desk.QuickReplies(v.Context(), v.agent.ID, "")
		if err != nil {
			return err
		}
		f := quickFilter{group: groupTeam}
		if v.FormValue("group") == groupMine {
			f.group = groupMine
		}
		chosen := slices.DeleteFunc(all, func(r quickreply.Reply) bool { return !f.includes(r, v.now) })
		var out bytes.Buffer
		if err := write(&out, chosen); err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", kind)
		v.w.Header().Set("Content-Disposition", `attachment; filename="quick-replies`+path.Ext(v.URL.Path)+`"`)
		_, _ = v.w.Write(out.Bytes()) // the browser may have gone
		return nil
	}
}

// readUpload reads a form that may carry files.
func (v *visit) readUpload() error {
	v.Body = http.MaxBytesReader(v.w, v.Body, maxUpload)
	err := v.ParseMultipartForm(maxForm)
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil // ParseForm has read it
	}
	if err != nil {
		return &bridge.Problem{Code: "form", Public: "Nothing was changed: what was sent is not a form, or is larger than 32 MB."}
	}
	return nil
}

const maxUpload = 32 << 20 // bytes of a form with files
