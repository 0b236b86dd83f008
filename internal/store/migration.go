package store

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed migrations/*.sql
var embedded embed.FS

// migrations has the files; tests put others beside them.
var migrations fs.FS = embedded

// migration is one step of the schema. What it says before the first mark expands it: in one
// transaction, so that older servers can go on. README.md has the rules.
type migration struct {
	file     string
	expand   string
	online   []string // by themselves, because they take long; each may run again
	contract []string // once no older server is left
}

// The marks between the parts of a migration.
const (
	onlineMark   = "-- roster: online\n"
	contractMark = "-- roster: contract\n"
)

// stagesName is the migration since which a store says how far each step is.
const stagesName = "stages"

// Version is the schema this binary works with.
func Version() int { return len(migrationFiles()) }

// stagesFrom is the version since which a store says how far each step is.
func stagesFrom() int {
	return 1 + slices.IndexFunc(migrationFiles(), func(file string) bool {
		return strings.HasSuffix(file, "_"+stagesName+".sql")
	})
}

func migrationFiles() []string {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	return files
}

// migration is the step that leads to a version, in words of the store's engine.
func (db *DB) migration(version int) (m migration, err error) {
	m.file = migrationFiles()[version-1]
	text, err := fs.ReadFile(migrations, m.file)
	if err != nil {
		return m, err
	}
	rest, contract, _ := strings.Cut(string(text), contractMark)
	expand, online, _ := strings.Cut(rest, onlineMark)
	m.expand = db.dialect.ddl.Replace(expand)
	m.online, m.contract = statements(db.dialect.ddl.Replace(online)), statements(db.dialect.ddl.Replace(contract))
	return m, nil
}

// name is a migration's, without its number.
func (m migration) name() string {
	_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(m.file), ".sql"), "_")
	return name
}

// statements splits a migration at the semicolons that end its statements,
// and drops comments, which may contain anything.
func statements(text string) []string {
	var clean strings.Builder
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		clean.WriteString(strings.TrimRight(code, "\n") + "\n")
	}
	var out []string
	for part := range strings.SplitSeq(clean.String(), ";\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

var (
	// batchMark stands for the rows of a table whose numbers lie in the batch at hand.
	batchMark = regexp.MustCompile(`\{\{batch (\w+)\.(\w+)\}\}`)
	// indexMade is an index that is built while others write.
	indexMade = regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (\w+) `)
)
