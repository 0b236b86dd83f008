package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// Format is one in which the upstream exports.
type Format struct {
	Name string      `json:"name"`
	Who  core.Action `json:"who,omitempty"` // "": nobody
	// Files says that it fetches what tasks name where download_resources is on. The
	// others do whatever that says: the SDK says it with every export.
	Files bool `json:"files,omitempty"`
	// Instead is what everybody who may export can have in its place.
	Instead string `json:"instead,omitempty"`
	Note    string `json:"note"`
}

// Formats is every format of Label Studio Community Edition 1.23.2, by what its
// converter does besides reading the annotations. One that is not here is
// refused, to everybody.
func Formats() []Format {
	fetches := "fetches every address that a task holds, the upstream's own with its owner's token"
	return []Format{
		{Name: "JSON", Who: core.ManageTasks, Note: "the tasks as they are; of drafts the person's own"},
		{Name: "JSON_MIN", Who: core.ManageTasks, Note: "reads annotations alone"},
		{Name: "CSV", Who: core.ManageTasks, Note: "reads annotations alone; at most 100,000,000 cells, but for the Owner"},
		{Name: "TSV", Who: core.ManageTasks, Note: "as CSV"},
		{Name: "CONLL2003", Who: core.ManageTasks, Note: "reads annotations alone"},
		{Name: "BRUSH_TO_NUMPY", Who: core.ManageTasks, Note: "reads annotations alone"},
		{Name: "BRUSH_TO_PNG", Who: core.ManageTasks, Note: "reads annotations alone"},
		{Name: "BRUSH_TO_COCO", Who: core.ManageTasks, Note: "reads annotations alone"},
		{Name: "YOLO", Who: core.ManageTasks, Note: "fetches nothing; looks whether there is a file by a task's name for it"},
		{Name: "YOLO_OBB", Who: core.ManageTasks, Note: "as YOLO"},
		{Name: "COCO", Who: core.ManageTasks,
			Note: "fetches nothing; reads the size of a picture that lies on the upstream's disk"},
		{Name: "VOC", Who: core.ManageTasks, Files: true, Note: "as COCO, unless download_resources is on: then it fetches"},
		{Name: "COCO_WITH_IMAGES", Who: core.ActAsUpstream, Instead: "COCO", Note: fetches},
		{Name: "YOLO_WITH_IMAGES", Who: core.ActAsUpstream, Instead: "YOLO", Note: fetches},
		{Name: "YOLO_OBB_WITH_IMAGES", Who: core.ActAsUpstream, Instead: "YOLO_OBB", Note: fetches},
		{Name: "ASR_MANIFEST", Who: core.ActAsUpstream, Instead: "JSON_MIN",
			Note: "fetches every address; without the files it is empty"},
		{Name: "DOCLANG", Instead: "JSON", Note: "fetches every address, and makes documents of everybody's drafts"},
	}
}

// formatOf finds a format by its name.
func formatOf(name string) (Format, bool) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return all[i], true
}

// UnknownFormats reads what the upstream says are its formats (the answer of
// /api/projects/{id}/export/formats) and returns those that are not in the table.
func UnknownFormats(list io.Reader) ([]string, error) {
	var theirs []struct{ Name string }
	if err := json.NewDecoder(list).Decode(&theirs); err != nil {
		return nil, err
	}
	unknown := []string{}
	for _, f := range theirs {
		if _, known := formatOf(f.Name); !known {
			unknown = append(unknown, f.Name)
		}
	}
	return unknown, nil
}

const (
	defaultFormat = "JSON" // what the upstream takes when none is named
	withFiles     = "download_resources"
)

// exported lets an export through in a format that the person may have, named
// once, and has it hold no files where they may not have it fetch any.
func exported(_ http.ResponseWriter, f *flight) (bool, error) {
	kind, files, err := f.exportAsked()
	if err != nil {
		return false, err
	}
	if err := f.mayExport(kind); err != nil {
		return false, err
	}
	if err := f.mayExportFiles(kind, files); err != nil {
		return false, err
	}
	if err := f.fetchesInNobodysName(kind, files); err != nil {
		return false, err
	}
	if err := f.mayExportFrames(); err != nil {
		return false, err
	}
	if err := f.mayExportTable(kind); err != nil {
		return false, err
	}
	f.holdsTasks = kind == defaultFormat && f.rule.body == noBody
	return false, nil
}

// exportAsked is the format that a request asks for, and whether with files. The
// upstream reads the one name here and the other there, takes a blank one for
// none, and trims it.
func (f *flight) exportAsked() (kind string, files bool, err error) {
	kinds := []string{f.query.get("exportType"), f.query.get("export_type")}
	files = isOn(f.query.get(withFiles))
	if f.rule.body == jsonBody {
		if f.body == nil || f.body.list {
			return "", false, badJSON
		}
		named, _ := f.body.objects[0].get("export_type")
		on, _ := f.body.objects[0].get(withFiles)
		kinds, files = []string{unquoted(named)}, isOn(strings.Trim(string(on), `"`))
		f.query = nil // the upstream reads none
	}
	kinds = slices.Compact(slices.DeleteFunc(kinds, func(kind string) bool { return kind == "" }))
	switch {
	case len(kinds) > 1:
		return "", false, roster.InvalidField("exportType",
			"Names two formats, with export_type. Say which one. Nothing was exported.")
	case len(kinds) == 0:
		f.query = f.query.without("exportType", "export_type")
		return defaultFormat, files, nil
	case f.rule.body != jsonBody:
		f.query = f.query.without("export_type").with("exportType", kinds[0])
	}
	return kinds[0], files, nil
}

// isOn reads what the upstream may take for yes: everything that it does not
// take for no.
func isOn(value string) bool {
	return !slices.Contains([]string{"", "null", "0", "f", "false", "n", "no", "off"},
		strings.ToLower(strings.TrimSpace(value)))
}

// mayExport refuses a format that the person may not have.
func (f *flight) mayExport(kind string) error {
	format, known := formatOf(kind)
	if !known {
		return roster.Errorf(roster.Forbidden,
			"The export format %q is not known here to be harmless, so nobody has it. Export JSON instead. Nothing "+
				"was exported.", kind)
	}
	if format.Who == "" {
		return roster.Errorf(roster.Forbidden, "Nobody exports %s: it %s, which are their authors' alone. "+
			"Export %s instead. Nothing was exported.", format.Name, format.Note, format.Instead)
	}
	if f.gate.app.Somewhere(f.r.Context(), format.Who) {
		return nil
	}
	return roster.Errorf(roster.Forbidden, "Only the Owner exports %s, and Administrators do not either: it %s. "+
		"Export %s instead, and get the files one by one, or ask the Owner. Nothing was exported.", format.Name,
		format.Note, format.Instead)
}

// mayExportFiles refuses files to people who may not have the upstream fetch,
// where they asked for any, and tells it to fetch none.
func (f *flight) mayExportFiles(kind string, asked bool) error {
	if f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	if format, _ := formatOf(kind); format.Files && asked {
		return roster.Errorf(roster.Forbidden,
			"Only the Owner exports the files themselves, and Administrators do not either: "+
				"Label Studio would fetch every address that a task holds. Export without %s, and get the files one by one, "+
				"or ask the Owner. Nothing was exported.", withFiles)
	}
	if f.rule.body == jsonBody {
		f.body.objects[0].set(withFiles, false)
	} else {
		f.query = f.query.with(withFiles, "false")
	}
	return nil
}

// fetchesInNobodysName refuses, to the Owner as well, what has the upstream fetch where it
// knows an address as its own: it would send its owner's token there, for whatever a task
// names. It is asked each time.
func (f *flight) fetchesInNobodysName(kind string, files bool) error {
	if format, _ := formatOf(kind); format.Who != core.ActAsUpstream && !(format.Files && files) {
		return nil
	}
	f.inquired = true
	at, err := f.gate.upstream.OwnAddress(f.r.Context())
	if err != nil || at == "" {
		return err
	}
	return roster.Errorf(roster.Forbidden, "Nobody exports files through here while Label Studio is told an address "+
		"of its own (LABEL_STUDIO_HOST): it would fetch what tasks name there with its owner's token, which would end up "+
		"in the export. Export without files. Nothing was exported.")
}

// everyFrame has the upstream make up the frames of a video between those that somebody
// drew: as many as the annotation says that there are, each a copy of all that stands in the
// one before.
const everyFrame = "interpolate_key_frames"

// mayExportFrames refuses to have frames made up, but to the Owner, and tells the upstream
// to make none.
func (f *flight) mayExportFrames() error {
	// it takes what was exported before
	if f.rule.body == jsonBody || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	if isOn(f.query.get(everyFrame)) {
		return noFrames
	}
	f.query = f.query.with(everyFrame, "false")
	return nil
}

var noFrames = roster.InvalidField(everyFrame,
	"Only the Owner exports the frames between key frames, and Administrators do not either: "+
		"an annotation may say that there are any number of them. Export without, and make them up from the file. "+
		"Nothing was exported.")

// maxCells is how many cells a table may have. Each has a column for everything that any of
// its rows says, and an empty cell costs, too.
const maxCells = 100_000_000

// mayExportTable refuses a table that would be far larger than what is in it, but to the
// Owner. How large it would be is what the upstream has counted of the project.
func (f *flight) mayExportTable(kind string) error {
	if kind != "CSV" && kind != "TSV" || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	var of struct {
		Tasks       int64 `json:"task_number"`
		Annotations int64 `json:"total_annotations_number"`
	}
	var has tally
	path := "/api/projects/" + formatID(f.project) + "/"
	if err := inTurn(func() error {
		return f.ask(path, nil, &of)
	}, func() error { return f.ask(path+"summary/", nil, &has) }); err != nil {
		return err
	}
	columns := int64(len(has.Data) + 2*len(has.Results)) // a conversation has a second one
	if cells := columns * (of.Tasks + of.Annotations); cells > maxCells {
		return roster.InvalidField("exportType",
			"This would be a table of up to %d columns and %d cells, most of them empty, and only the Owner exports "+
				"more than %d. "+
				"Export JSON_MIN instead. Nothing was exported.", columns, cells, int64(maxCells))
	}
	return nil
}

// offeredFormats marks the formats that the person may not have as the upstream
// marks those that do not fit a project. Its screens then do not offer them.
func offeredFormats(f *flight, doc any) (any, error) {
	return each(doc, "the list of formats", func(o map[string]any) (bool, error) {
		name, _ := o["name"].(string)
		if f.mayExport(name) != nil {
			o["disabled"] = true
		}
		return true, nil
	})
}
