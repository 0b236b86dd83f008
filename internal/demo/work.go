package demo

import (
	"time"

	"roster"
)

// batch is tasks that came together, and who was given them.
type batch struct {
	at               time.Time
	tasks            int
	annotate, review []job
}

// job is somebody's assignment to a task, by its place in the batch.
type job struct{ task, who int }

const (
	batchSize  = 100
	firstBatch = 25.0 // days ago
	lastBatch  = 3.0
)

// work makes up the tasks of a project and gives each to a few people; some
// people get far more than others.
func work(d dice, p project, people []person) (out []batch) {
	annotators, reviewers := p.workers(people)
	for done := 0; done < p.tasks && len(annotators) > 0; done += batchSize {
		b := batch{
			at:    d.ago(firstBatch - (firstBatch-lastBatch)*float64(done)/float64(p.tasks)),
			tasks: min(batchSize, p.tasks-done),
		}
		for task := range b.tasks {
			b.give(d, task, annotators, reviewers)
		}
		out = append(out, b)
	}
	return out
}

// workers are the people of a project who can be given tasks, by what they do
// in it. Those of the last wave are too new.
func (p *project) workers(people []person) (annotators, reviewers []int) {
	for _, m := range append(p.members[:len(p.members):len(p.members)], p.inherited...) {
		who := people[m.who]
		if m.wave == waveCount-1 || !who.is(roster.RoleAnnotator, roster.RoleReviewer, roster.RoleManager) ||
			who.Membership.UserType == roster.SeatService {
			continue
		}
		if roster.Effective(who.Membership.Role, m.role) == roster.RoleAnnotator {
			annotators = append(annotators, m.who)
		} else {
			reviewers = append(reviewers, m.who)
		}
	}
	return annotators, reviewers
}

func (b *batch) give(d dice, task int, annotators, reviewers []int) {
	taken := map[int]bool{}
	for range 1 + d.IntN(3) {
		who := annotators[int(d.between(0, float64(len(annotators)), 2))]
		if !taken[who] {
			taken[who] = true
			b.annotate = append(b.annotate, job{task, who})
		}
	}
	if len(reviewers) > 0 && d.percent(45) {
		b.review = append(b.review, job{task, reviewers[int(d.between(0, float64(len(reviewers)), 2))]})
	}
}
