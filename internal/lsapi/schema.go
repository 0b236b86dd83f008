package lsapi

import (
	"net/http"
	"strings"

	"roster/internal/lsapi/schema"
)

// schema is GET /api/schema: the document of document.go.
func (c *call) schema() error {
	p := c.params()
	format := p.str("format")
	if format == "" && strings.Contains(c.r.Header.Get("Accept"), "yaml") {
		format = "yaml"
	}
	if format != "" && format != "json" && format != "yaml" {
		p.bad("format", "Must be \"json\" or \"yaml\".")
	}
	if err := p.err(); err != nil {
		return err
	}
	c.w.Header().Set("Vary", "Accept")
	if format != "yaml" {
		return c.json(http.StatusOK, c.api.Document().OpenAPI)
	}
	c.w.Header().Set("Content-Type", "application/yaml")
	c.w.Write(schema.YAML(c.api.Document().OpenAPI)) // a client that hung up cannot be told about it
	return nil
}
