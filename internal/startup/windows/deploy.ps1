
# Save-Text writes a file under a temporary name and then renames it, so that the
# file is never incomplete.
function Save-Text($path, $text) {
    [IO.File]::WriteAllText("$path.new", $text)
    if (Test-Path -LiteralPath $path) { [IO.File]::Delete($path) }
    [IO.File]::Move("$path.new", $path)
}

function Install-Certificates($connected) {
    for ($i = 1; (Test-Path "env:GOGRID_CERTIFICATE_$i"); $i++) {
        $file = (Get-Item "env:GOGRID_CERTIFICATE_$i").Value
        if (-not $connected) { continue }
        try {
            $passwordFile = ''
            if (Test-Path "env:GOGRID_CERTIFICATE_PASSWORD_FILE_$i") { $passwordFile = (Get-Item "env:GOGRID_CERTIFICATE_PASSWORD_FILE_$i").Value }
            $local = Join-Path $work ([IO.Path]::GetFileName($file))
            [IO.File]::Copy((Join-Path $share $file.Replace('/', '\')), $local, $true)
            try { Import-Key $local $passwordFile (Get-Item "env:GOGRID_CERTIFICATE_STORE_$i").Value } finally { [IO.File]::Delete($local) }
        } catch { Problem ("the certificate $file could not be installed: " + $_.Exception.Message) }
    }
}

# Switch-Release marks a release as installed and removes other releases, except
# the previous one.
function Switch-Release($release, $before, $server) {
    if ($release -ne $before) {
        Log "switching from $before to $release"
        Save-Text (Join-Path $gogrid 'since') ((Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') + "`r`n")
        Save-Text (Join-Path $gogrid 'installed') "$release`r`n"
    }
    [IO.File]::Delete((Join-Path $gogrid 'begun'))
    Save-Text (Join-Path $gogrid 'first-boot') "$server`r`n"
    foreach ($old in @(Get-ChildItem -LiteralPath $releases)) {
        $name = $old.Name -replace '\.sha256$', ''
        if ($name -ne $release -and $name -ne $before) { Remove-Item -LiteralPath $old.FullName -Recurse -Force -ErrorAction SilentlyContinue }
    }
}

# Start-Release runs the steps of a release. An unfinished release may have changed
# files, so the next release counts as changed even if it is installed already.
function Start-Release($release, $before, $server) {
    $begun = Join-Path $gogrid 'begun'
    $changed = ($release -ne $before) -or (Test-Path -LiteralPath $begun)
    if ($changed) { [IO.File]::WriteAllText($begun, "$release`r`n") }
    return Invoke-Release $release $changed ((Read-FirstLine (Join-Path $gogrid 'first-boot')) -ne $server)
}

function Install-Release($connected, $server, $state) {
    $before = Read-FirstLine (Join-Path $gogrid 'installed')
    if ($before -and -not (Test-Path -LiteralPath (Join-Path $releases "$before\bootstrap.json"))) { $before = '' }
    $state['release'] = $before
    $target = $before
    if ($connected) {
        try {
            $pointer = Get-Pointer $server
            $state['wanted'] = $pointer['release']
            Receive-Release $pointer
            $target = $pointer['release']
        } catch { Problem $_.Exception.Message }
    }
    if (-not $target) {
        Problem 'there is no release to run'
        return
    }
    if (Start-Release $target $before $server) {
        Switch-Release $target $before $server
        $state['release'] = $target
        return
    }
    Problem "a step of the release $target failed"
    if ($before -and $before -ne $target) {
        $failed = $script:steps
        Log "going back to the release $before"
        if (Start-Release $before $before $server) { [IO.File]::Delete((Join-Path $gogrid 'begun')) }
        $script:steps = $failed
    }
}

function Quote-Json($text) {
    return '"' + ([string]$text).Replace('\', '\\').Replace('"', '\"').Replace("`r", ' ').Replace("`n", ' ') + '"'
}

# Send-Status writes the result of the boot to this server and to Cloud Storage,
# with one key on each line.
function Send-Status($connected, $server, $state) {
    $result = 'ok'
    if ($script:problem) { $result = 'failed' }
    $since = ''
    if ($state['release']) { $since = Read-FirstLine (Join-Path $gogrid 'since') }
    $steps = @($script:steps | ForEach-Object {
            "    {`n      ""number"": " + $_['number'] + ",`n      ""kind"": " + (Quote-Json $_['kind']) + ",`n      ""result"": " + (Quote-Json $_['result']) + "`n    }"
        }) -join ",`n"
    if ($steps) { $steps = "`n$steps`n  " }
    $text = "{`n  ""version"": 1,`n  ""server"": " + (Quote-Json $server) + ",`n  ""release"": " + (Quote-Json $state['release']) +
    ",`n  ""wanted"": " + (Quote-Json $state['wanted']) + ",`n  ""result"": " + (Quote-Json $result) +
    ",`n  ""problem"": " + (Quote-Json $script:problem) + ",`n  ""since"": " + (Quote-Json $since) + ",`n  ""started"": " + (Quote-Json $state['started']) +
    ",`n  ""time"": " + (Quote-Json (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')) + ",`n  ""steps"": [$steps]`n}`n"
    Save-Text (Join-Path $gogrid 'status.json') $text
    if (-not $connected) { return }
    try {
        [void][IO.Directory]::CreateDirectory((Join-Path $share 'status'))
        Save-Text (Join-Path $share "status\$server.json") $text
    } catch { Log ('the status could not be written to Cloud Storage: ' + $_.Exception.Message) }
}

function Invoke-Deploy {
    $state = @{ release = ''; wanted = ''; started = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') }
    foreach ($folder in $releases, $work) { [void][IO.Directory]::CreateDirectory($folder) }
    $server = Get-ServerName
    $env:GOGRID_SERVER = $server
    $connected = Connect-Storage ''
    Install-Certificates $connected
    Install-Release $connected $server $state
    $extra = Join-Path $gogrid 'extra.cmd'
    if (Test-Path -LiteralPath $extra) {
        try { Invoke-Line @($extra) $gogrid 3600 } catch { Problem ("$extra failed: " + $_.Exception.Message) }
    }
    Send-Status $connected $server $state
    if ($script:problem) { return 1 }
    return 0
}

function Update-Map {
    if (-not (Connect-Storage '')) { return 4 }
    $map = Join-Path $share 'network\hosts.json'
    # Without a map on Cloud Storage, the local copy applies.
    if ([IO.File]::Exists($map)) { Save-Text $hostsFile ([IO.File]::ReadAllText($map)) }
    if (-not (Write-Address)) { return 4 }
    $address = (Read-FirstLine (Join-Path $gogrid 'address.txt')).Split(' ')[0]
    if ((Get-Addresses $true) -contains $address) { return 0 }
    return 3
}

switch ($args[0]) {
    'has-address' {
        $have = @(Get-Addresses $true)
        if ($args.Length -gt 1) { $have = @($have | Where-Object { $_ -eq $args[1] }) }
        if ($have.Length -gt 0) { exit 0 }
        exit 1
    }
    'from-map' {
        if (Write-Address) { exit 0 }
        exit 1
    }
    'refresh' { exit (Update-Map) }
    'deploy' { exit (Invoke-Deploy) }
    'drive' {
        if (Connect-Storage $env:GOGRID_DRIVE) { exit 0 }
        exit 1
    }
    default {
        Log 'it takes: has-address, from-map, refresh, deploy or drive'
        exit 2
    }
}
