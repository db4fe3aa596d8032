echo "extra"
