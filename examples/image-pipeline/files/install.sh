#!/bin/sh
# Runs in the sandbox as root, after the files were uploaded.
set -eu

mkdir -p /var/www/html /etc/site
printf 'Welcome to %s.\n' "$(hostname)" > /etc/site/motd

# Start the site at every boot.
cat > /etc/rc.d/rc.local <<'EOS'
#!/bin/sh
/usr/local/sbin/start-site &
EOS
chmod 0755 /etc/rc.d/rc.local
