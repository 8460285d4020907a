package workbench

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge/importing"
)

// articleImport is the form of an import as it was sent, and what is wrong with it.
type articleImport struct {
	importing.Options
	wrong  string
	faults []importing.Fault
}

func (b *Workbench) articlesAskImport(*visit) (content, error) {
	return content{title: "Import articles", body: articleImportPage(articleImport{Options: importing.Options{Level: 2}})}, nil
}

// articlesImport reads a file of articles: all of them, or none and what is wrong in which line.
func (b *Workbench) articlesImport(v *visit) error {
	if err := v.readUpload(); err != nil {
		return err
	}
	i := articleImport{Options: importing.Options{Language: v.FormValue("language"), URL: v.FormValue("url")}}
	i.Level, _ = strconv.Atoi(v.FormValue("level"))
	refuse := func(why string) error {
		i.wrong = why
		return v.render(http.StatusUnprocessableEntity, content{title: "Import articles", body: articleImportPage(i)})
	}
	file, header, err := v.FormFile("file")
	if err != nil {
		return refuse("Nothing was imported: choose a file that ends in .md, .html or .csv.")
	}
	defer file.Close() // it was only read
	i.Name = header.Filename
	articles, faults := importing.File(file, i.Options)
	if i.faults = faults; len(faults) > 0 {
		return refuse("Nothing was imported: " + many(len(faults), "thing is", "things are") + " to be put right in " + i.Name + ".")
	}
	err = b.cfg.Desk.ImportArticles(v.Context(), v.agent.ID, articles)
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		return refuse(problem.Public)
	} else if err != nil {
		return err
	}
	v.tell("Imported: "+many(len(articles), "article", "articles")+".", false)
	http.Redirect(v.w, v.Request, knowledgePath, http.StatusSeeOther)
	return nil
}
