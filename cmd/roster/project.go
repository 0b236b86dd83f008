package main

import (
	"roster"
	"roster/client"
)

type projectCommand struct {
	Add  projectAdd  `cmd:"" help:"Make a project."`
	List projectList `cmd:"" help:"List projects."`
}

type projectAdd struct {
	actorFlags
	Title       string `arg:"" help:"Title, 3 to 50 characters."`
	Description string `placeholder:"TEXT" help:"What it is about."`
	Workspace   int64  `placeholder:"ID" help:"Workspace it lies in."`
	JSON        bool   `name:"json" help:"Print JSON."`
}

// Run makes a project.
func (p *projectAdd) Run(c *console) error {
	s, err := p.connect(c)
	return with(s, err, func(s *session) error {
		made, err := s.CreateProject(c.ctx, client.NewProject{Title: p.Title, Description: p.Description,
			Workspace: p.Workspace})
		if err != nil {
			return err
		}
		if p.JSON {
			return c.json(made)
		}
		c.say("Added %s.", called("project", made.ID, made.Title))
		return nil
	})
}

type projectList struct {
	actorFlags
	Search string `placeholder:"TEXT" help:"Projects whose title holds every word."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists projects.
func (p *projectList) Run(c *console) error {
	s, err := p.connect(c)
	return with(s, err, func(s *session) error {
		return list(c, p.JSON, s.Projects(c.ctx, roster.ProjectFilter{Search: p.Search}),
			"ID\tTITLE\tWORKSPACE\tMEMBERS\tTASKS", func(p client.Project) []any {
				return []any{p.ID, p.Title, p.WorkspaceTitle, p.MembersCount, p.TaskNumber}
			})
	})
}
