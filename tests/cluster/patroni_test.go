package cluster_test

import (
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// writePatroni writes the configuration of a host's Patroni: that of deploy/cluster, with
// the host in it.
func (c *cluster) writePatroni(h *host) {
	c.t.Helper()
	text, err := template.ParseFiles("../../deploy/cluster/patroni.yml.tmpl")
	ok(c.t, err)
	file, err := os.Create(filepath.Join(c.dir, h.name+".yml"))
	ok(c.t, err)
	defer file.Close()
	var etcds []string
	for _, e := range c.etcds {
		etcds = append(etcds, e.address+":2379")
	}
	bin, err := filepath.EvalSymlinks(filepath.Dir(os.Getenv("ROSTER_POSTGRES_BIN") + "/postgres"))
	ok(c.t, err)
	ok(c.t, text.Execute(file, map[string]any{
		"Name": h.name, "Address": h.address, "Etcds": strings.Join(etcds, ","), "Strict": c.strict,
		"Data": filepath.Join(c.dir, h.name+"-data"), "Bin": bin,
	}))
}
