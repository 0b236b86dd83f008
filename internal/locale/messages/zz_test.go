package main
import ("testing";"fmt")
func TestX(t *testing.T){ f,err:=collect("/work/wt/lang"); if err!=nil{t.Fatal(err)}; fmt.Println(len(f.order)); for _,p:=range f.problems{fmt.Println("PROBLEM",p)}; last:=""; for _,k:=range f.order{ if f.where[k]!=last{last=f.where[k];fmt.Println("##",last)}; fmt.Printf("%s\n",k)} }
