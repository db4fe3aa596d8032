
set "GOGRID_HOME=C:\gogrid"
set "GOGRID_LOG=C:\gogrid\startup.log"
set "GOGRID_INSTALLER=C:\gogrid\install.ps1"
set "GOGRID_PROBLEM="
set "TRIES=0"
set "REFRESHED=no"

>>"%GOGRID_LOG%" echo %DATE% %TIME% startup begins
rem Only the system and administrators may change what runs as the system, or read its secrets.
icacls "%GOGRID_HOME%" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 set "GOGRID_PROBLEM=access to C:\gogrid could not be limited to the system and administrators"
call :secrets
if "%GOGRID_MODE%"=="none" goto deploy

:enable
netsh interface set interface name="%GOGRID_ADAPTER%" admin=ENABLED >>"%GOGRID_LOG%" 2>&1
if not errorlevel 1 goto enabled
set /a TRIES+=1
if %TRIES% geq 60 goto no_adapter
ping -n 3 127.0.0.1 >nul
goto enable

:enabled
set "TRIES=0"
if "%GOGRID_MODE%"=="host_map" goto host_map
rem This fails if DHCP is already set, so only the resulting address is checked.
netsh interface ipv4 set address name="%GOGRID_ADAPTER%" source=dhcp >>"%GOGRID_LOG%" 2>&1
:lease
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%GOGRID_INSTALLER%" has-address >>"%GOGRID_LOG%" 2>&1
if not errorlevel 1 goto addressed
set /a TRIES+=1
rem One renewal may take a minute.
if %TRIES% geq 10 goto no_lease
ping -n 3 127.0.0.1 >nul
ipconfig /renew "%GOGRID_ADAPTER%" >>"%GOGRID_LOG%" 2>&1
goto lease

:host_map
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%GOGRID_INSTALLER%" from-map >>"%GOGRID_LOG%" 2>&1
if not errorlevel 1 goto mapped
if "%GOGRID_PROVISIONAL%"=="" goto no_map
set "ADDRESS=%GOGRID_PROVISIONAL%"
set "MASK=%GOGRID_PROVISIONAL_MASK%"
goto take

:mapped
rem The installer has written address and mask, which are only digits and dots.
for /f "usebackq tokens=1" %%A in ("%GOGRID_HOME%\address.txt") do set "ADDRESS=%%A"
for /f "usebackq tokens=2" %%A in ("%GOGRID_HOME%\address.txt") do set "MASK=%%A"

:take
rem No gateway: the default route belongs to the public adapter.
netsh interface ipv4 set address name="%GOGRID_ADAPTER%" source=static address="%ADDRESS%" mask="%MASK%" >>"%GOGRID_LOG%" 2>&1
set "TRIES=0"
:taken
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%GOGRID_INSTALLER%" has-address "%ADDRESS%" >>"%GOGRID_LOG%" 2>&1
if not errorlevel 1 goto addressed
set /a TRIES+=1
if %TRIES% geq 30 goto no_address
ping -n 3 127.0.0.1 >nul
goto taken

:addressed
call :routes
if not "%GOGRID_MODE%"=="host_map" goto deploy
if "%REFRESHED%"=="yes" goto deploy
set "REFRESHED=yes"
rem The map on Cloud Storage takes precedence; code 3 means that it has a different address.
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%GOGRID_INSTALLER%" refresh >>"%GOGRID_LOG%" 2>&1
if errorlevel 4 goto no_refresh
if errorlevel 3 goto mapped
if not errorlevel 1 goto deploy
:no_refresh
set "GOGRID_PROBLEM=the host map could not be read from Cloud Storage, or does not name this server"
goto deploy

:no_adapter
set "GOGRID_PROBLEM=the private adapter could not be enabled"
goto deploy
:no_lease
set "GOGRID_PROBLEM=no DHCP service gave the private adapter an address"
goto deploy
:no_map
set "GOGRID_PROBLEM=the host map on this server has no address for it"
goto deploy
:no_address
set "GOGRID_PROBLEM=the private adapter did not take its address"

:deploy
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%GOGRID_INSTALLER%" deploy >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 goto failed
>>"%GOGRID_LOG%" echo %DATE% %TIME% startup ends
exit /b 0
:failed
>>"%GOGRID_LOG%" echo %DATE% %TIME% startup ends with a problem
exit /b 1
