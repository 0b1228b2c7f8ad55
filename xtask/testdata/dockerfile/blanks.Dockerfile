 	 FROM	scratch  ASa 
 
	# x
  RUN x 
