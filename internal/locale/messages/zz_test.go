package main
import ("testing";"fmt";"os")
func TestX(t *testing.T){ f,err:=collect("/work/wt/lang"); if err!=nil{t.Fatal(err)}; for _,p:=range f.problems{fmt.Println("PROBLEM",p)}; out,_:=os.Create("/tmp/lang/keys2.txt"); for _,k:=range f.order{ fmt.Fprintf(out,"%s\n",k)} }
