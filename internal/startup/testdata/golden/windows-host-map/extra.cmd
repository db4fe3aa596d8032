echo extra
