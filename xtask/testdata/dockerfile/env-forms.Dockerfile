FROM scratch
ENV a=b c="d e" f='g h' i=j\ k l= m="\"" 
ENV old the  rest = of "it"
LABEL "k k"=v x.y=$z
ENV a="open to the end
ENV A=b\
c d=e
