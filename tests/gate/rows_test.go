package gate

import (
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the upstream's own store
)

// Some things the upstream makes only with a cloud at hand, or in the background
// as its Enterprise Edition does. Those are written straight into its database.

// fields is the columns of a row.
type fields map[string]any

// row writes one and returns its id.
func (s *scene) row(table string, columns fields) int64 {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(os.Getenv("LABEL_STUDIO_DATA"), "label_studio.sqlite3")+
		"?_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	names := slices.Sorted(maps.Keys(columns))
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = columns[name]
	}
	statement := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (?" +
		strings.Repeat(", ?", len(names)-1) + ")"
	made, err := db.Exec(statement, values...)
	if err != nil {
		s.t.Fatalf("%s: %v", table, err)
	}
	id, err := made.LastInsertId()
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// clouds are the storages of the kinds that the upstream looks for as soon as one
// is made: where they are said to be, nothing is, and it finds that out at once.
var clouds = map[string]struct {
	table string
	where fields
}{
	"gcs":   {"gcs", fields{"bucket": "pictures", "use_blob_urls": 1, "google_application_credentials": "{}"}},
	"azure": {"azureblob", fields{"container": "pictures", "use_blob_urls": 1}},
	"redis": {"redis", fields{"host": "127.0.0.1", "port": "1", "use_blob_urls": 1}},
}

// cloud writes a storage of such a kind, to take tasks from or to put work into.
// Nobody works in its project: the upstream would put that there.
func (s *scene) cloud(role, kind string) int64 {
	s.t.Helper()
	cloud, ok := clouds[kind]
	if !ok {
		return 0
	}
	id := s.row("io_storages_"+cloud.table+"storagemixin", cloud.where)
	columns := fields{
		cloud.table + "storagemixin_ptr_id": id, "project_id": s.project, "created_at": time.Now().UTC().
							Format("2006-01-02 15:04:05"), "status": "initialized", "synchronizable": 1,
	}
	if kind == "redis" {
		columns["db"] = 1
	} else if role == "storage" {
		columns["presign"], columns["presign_ttl"] = 1, 1
	}
	table := map[string]string{"storage": "importstorage", "target": "exportstorage"}[role]
	s.row("io_storages_"+cloud.table+table, columns)
	return id
}
