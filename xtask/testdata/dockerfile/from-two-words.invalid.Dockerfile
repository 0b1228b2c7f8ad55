FROM scratch x
