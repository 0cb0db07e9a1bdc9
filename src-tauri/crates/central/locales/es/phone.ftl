# Las páginas del teléfono. { $store } es el nombre de la tienda como está en su puerta.

# Marco
direction = ltr
list-gap = { ", " }
service-name = Identificación en caja

# Escribir el código
code-title = Escribe el código de la pantalla
code-lead = La pantalla de la caja muestra ocho letras. Valen cinco minutos.
code-label = Código
code-go = Continuar
code-not-here = Nadie de la tienda pide este código por teléfono, correo o mensaje.

# Código erróneo
wrong-title = No conocemos este código
wrong-lead = Compáralo con la pantalla letra por letra. Un código caducado se ha cambiado por otro nuevo.
wrong-too-many = Demasiados intentos. Espera diez minutos o escanea el código de la pantalla.

# Entrar
sign-in-title = Iniciar sesión
sign-in-lead = Para compartir tu perfil con { $store }.
sign-in-lead-web = Para continuar a { $client }.
sign-in-code = La pantalla muestra este código:
sign-in-email = Correo electrónico
sign-in-password = Contraseña
sign-in-go = Iniciar sesión
sign-in-new = ¿Primera vez aquí?
sign-in-register = Crear una cuenta
sign-in-refuse = No estoy en esta caja
sign-in-wrong = Este correo y esta contraseña no van juntos.
sign-in-too-many = Demasiados intentos. Espera diez minutos antes del próximo.
demo-title = Demo
demo-lead = Una tienda inventada con clientes inventados. Entra con:

# Crear una cuenta
register-title = Crear una cuenta
register-lead = Bastan dos campos.
register-password-hint = Al menos 8 caracteres.
register-go = Crear una cuenta
register-known = ¿Ya tienes una cuenta?
register-sign-in = Iniciar sesión
register-email-wrong = Revisa la dirección de correo.
register-password-wrong = La contraseña necesita entre 8 y 256 caracteres.

# Consentimiento
consent-title = ¿Compartir tu perfil con esta caja?
consent-title-staff = ¿Iniciar sesión en esta caja?
consent-code = ¿La pantalla muestra el mismo código?
consent-sees = { $store } verá
scope-name = tu nombre y tu idioma
scope-email = tu correo electrónico
scope-phone = tu número de teléfono
scope-customer = tu programa de puntos, preferencias, consentimientos e historial en la web, la app, las tiendas y las redes sociales
scope-customers-read = los clientes de esta empresa, porque trabajas aquí
consent-how-long = ¿Por cuánto tiempo?
visit-title = Solo esta visita
visit-text = Hasta que acabe la visita, una hora como mucho. La caja no guarda nada.
store-title = Recordarme aquí
store-text = Tu nombre, datos de contacto, preferencias, historial y tarjeta de socio, cifrados en las cajas de { $store } hasta el { $date }.
some-title = Elegir qué
some-text = También hasta el { $date }. Tu nombre siempre forma parte, para poder encontrarte.
store-end = Puedes terminarlo cuando quieras: aquí, en la caja o con «Solo esta visita» la próxima vez.
keep-contact = Datos de contacto
keep-contact-text = Correo, teléfono, cumpleaños y cuentas vinculadas
keep-preferences = Preferencias
keep-preferences-text = Lo que te gusta y lo que has aceptado
keep-activity = Historial
keep-activity-text = Lo que has comprado, devuelto, mirado y escrito
keep-loyalty = Socio
keep-loyalty-text = Número, nivel, puntos y desde cuándo
part-name = tu nombre
part-contact = datos de contacto
part-preferences = preferencias
part-activity = historial
part-loyalty = tarjeta de socio
consent-warning = ¿No estás en esta caja, o alguien te envió esta página? Entonces di que no.
consent-no = No
consent-yes = Sí, compartir
consent-yes-staff = Sí, iniciar sesión
consent-as = Sesión iniciada como
consent-other = ¿No eres tú?
consent-how-long-staff = Hasta que bloquees la caja, una hora como mucho.

# Finales
done-title = Listo
done-show = Enseña esto en la caja
done-compare = La caja muestra los mismos dos caracteres. Si no, dilo.
done-visit = { $store } ve tu perfil hasta que acabe la visita.
done-store = { $store } te recuerda hasta el { $date }: { $parts }.
done-staff = Has iniciado sesión en esta caja.
done-close = Puedes cerrar esta página.
done-not-me = No fui yo
done-not-me-text = Termina al momento el acceso de la caja a tu perfil.
denied-title = Dijiste que no
denied-lead = { $store } no ha visto nada tuyo. No se guardó nada.
denied-again = Si fue un error, pide un código nuevo en la caja.
ended-title = La visita ha terminado
ended-lead = { $store } ya no tiene acceso a tu perfil. Si fue otra persona, dilo en la caja.
expired-title = Este código ha caducado
expired-lead = Los códigos valen cinco minutos, para que nadie más los use después. No se compartió nada.
expired-again = Pide un código nuevo en la caja y escanéalo.
used-title = Este código ya se usó
used-lead = Cada código vale una vez. Si no fuiste tú, dilo ahora en la caja.
used-again = Para otra sesión, escanea el código nuevo de la pantalla.
code-again = Escribir un código

# Problemas
problem-form-title = Esta página ya no está al día
problem-form-lead = Se abrió hace demasiado tiempo o en otro navegador. No se compartió nada. Escanea otra vez el código de la pantalla.
problem-request-title = Esta sesión no puede seguir
problem-request-lead = El sitio del que vienes pidió algo que no puede pedir. No se compartió nada.
problem-address-title = Esta página no existe
problem-address-lead = La dirección está incompleta o mal escrita. No se compartió nada.
problem-address-again = Para identificarte en una caja, escanea el código de su pantalla.
problem-service-title = Algo falló aquí
problem-service-lead = No es culpa tuya y no se compartió nada. Inténtalo de nuevo en un momento.

# What they agreed to
sign-in-lead-own = Para ver lo que has aceptado.
done-receipt = Recibo
agreements-title = Lo que has aceptado
agreements-none = Ninguna tienda te recuerda.
agreements-here = Estas tiendas te recuerdan
agreements-until = Hasta el { $date }: { $parts }.
agreements-forget = Olvidarme allí
agreements-log = Todo lo que has aceptado o retirado
agreements-given = Aceptado
agreements-taken-back = Retirado
receipt-title = Recibo
receipt-lead = Lo que se aceptó, cuándo y cómo. Se guarda aquí para ti.
receipt-number = Número
receipt-who = Para
receipt-purpose = Para qué
receipt-state = Lo que se dijo
receipt-how = Cómo
receipt-parts = Lo que se guarda
receipt-not-parts = Lo que no se guarda
receipt-until = Hasta el
receipt-wording = Versión del texto
receipt-end = Cómo terminarlo
receipt-end-text = En la página «Lo que has aceptado», en la caja o con «Solo esta visita» la próxima vez.
receipt-download = Descargar como JSON
purpose-remember = Que la tienda te recuerde
purpose-email = Novedades por correo
purpose-sms = Novedades por SMS
purpose-personal = Sugerencias personales
purpose-ads = Cruce con redes publicitarias
purpose-other = Otro fin
channel-web = Tienda en línea o esta página
channel-app = App
channel-store = Tienda
channel-social = Red social
channel-other = En otro lugar
by-customer = por ti
by-associate = por el personal, para ti
by-other = por otra persona

date = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }
