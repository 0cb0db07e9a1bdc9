# صفحات الهاتف. ‏{ $store } هو اسم المتجر كما هو على بابه.

# الإطار
direction = rtl
list-gap = { "، " }
service-name = تسجيل الدخول في المتجر

# إدخال الرمز
code-title = أدخل الرمز الظاهر على الشاشة
code-lead = تعرض الشاشة عند نقطة البيع ثمانية أحرف، وهي صالحة لخمس دقائق.
code-label = الرمز
code-go = متابعة
code-not-here = لن يطلب أحد من المتجر هذا الرمز بالهاتف أو البريد أو الرسائل.

# رمز خاطئ
wrong-title = هذا الرمز غير معروف
wrong-lead = قارنه بالشاشة حرفًا بحرف. الرمز المنتهي حلّ محله رمز جديد.
wrong-too-many = محاولات كثيرة. انتظر عشر دقائق، أو امسح الرمز على الشاشة.

# تسجيل الدخول
sign-in-title = تسجيل الدخول
sign-in-lead = لمشاركة ملفك مع ⁨{ $store }⁩.
sign-in-lead-web = للمتابعة إلى ⁨{ $client }⁩.
sign-in-code = تعرض الشاشة هذا الرمز:
sign-in-email = البريد الإلكتروني
sign-in-password = كلمة المرور
sign-in-go = تسجيل الدخول
sign-in-new = أول مرة هنا؟
sign-in-register = إنشاء حساب
sign-in-refuse = لست عند نقطة البيع هذه
sign-in-wrong = البريد الإلكتروني وكلمة المرور غير متطابقين.
sign-in-too-many = محاولات كثيرة. انتظر عشر دقائق قبل المحاولة التالية.
demo-title = عرض تجريبي
demo-lead = متجر وهمي بعملاء وهميين. سجّل الدخول بـ:

# إنشاء حساب
register-title = إنشاء حساب
register-lead = يكفي حقلان.
register-password-hint = 8 أحرف على الأقل.
register-go = إنشاء حساب
register-known = لديك حساب؟
register-sign-in = تسجيل الدخول
register-email-wrong = يرجى التحقق من البريد الإلكتروني.
register-password-wrong = تحتاج كلمة المرور إلى 8 أحرف على الأقل و256 على الأكثر.

# الموافقة
consent-title = مشاركة ملفك مع نقطة البيع هذه؟
consent-title-staff = تسجيل الدخول إلى نقطة البيع هذه؟
consent-code = هل تعرض الشاشة الرمز نفسه؟
consent-sees = سيرى ⁨{ $store }⁩
scope-name = اسمك ولغتك
scope-email = بريدك الإلكتروني
scope-phone = رقم هاتفك
scope-customer = عضويتك وتفضيلاتك وموافقاتك وسجلك في المتجر الإلكتروني والتطبيق والمتاجر ووسائل التواصل
scope-customers-read = عملاء هذا المتجر، لأنك تعمل هنا
consent-how-long = لأي مدة؟
visit-title = هذه الزيارة فقط
visit-text = حتى تنتهي الزيارة، ساعة واحدة على الأكثر. لا تحتفظ نقطة البيع بشيء.
store-title = تذكّرني في هذا المتجر
store-text = اسمك وبيانات الاتصال وتفضيلاتك وسجلك وعضويتك، مشفرة على نقاط البيع لدى ⁨{ $store }⁩ حتى { $date }.
some-title = اختيار المحفوظ
some-text = حتى { $date } أيضًا. اسمك جزء منه دائمًا ليمكن العثور عليك.
store-end = يمكنك إنهاء ذلك في أي وقت: هنا، أو في المتجر، أو باختيار «هذه الزيارة فقط» في المرة القادمة.
keep-contact = بيانات الاتصال
keep-contact-text = البريد ورقم الهاتف وتاريخ الميلاد والحسابات المرتبطة
keep-preferences = التفضيلات
keep-preferences-text = ما تفضله وما وافقت عليه
keep-activity = السجل
keep-activity-text = ما اشتريته وأرجعته وتصفحته وكتبته
keep-loyalty = العضوية
keep-loyalty-text = الرقم والمستوى والنقاط وتاريخ البدء
part-name = اسمك
part-contact = بيانات الاتصال
part-preferences = التفضيلات
part-activity = السجل
part-loyalty = العضوية
consent-warning = لست عند نقطة البيع هذه، أو أرسل إليك أحد هذه الصفحة؟ إذن اختر «لا».
consent-no = لا
consent-yes = نعم، مشاركة
consent-yes-staff = نعم، سجّل دخولي
consent-as = الدخول باسم
consent-other = لست أنت؟
consent-how-long-staff = حتى تقفل نقطة البيع، ساعة واحدة على الأكثر.

# النهاية
done-title = تم
done-show = أظهر هذا للموظف
done-compare = تعرض نقطة البيع الحرفين نفسيهما. إن لم يكن كذلك فأخبرنا.
done-visit = يرى ⁨{ $store }⁩ ملفك حتى تنتهي الزيارة.
done-store = يتذكرك ⁨{ $store }⁩ حتى { $date }: { $parts }.
done-staff = سُجل دخولك على نقطة البيع هذه.
done-close = يمكنك إغلاق هذه الصفحة.
done-not-me = لم أكن أنا
done-not-me-text = ينهي وصول نقطة البيع إلى ملفك فورًا.
denied-title = لم توافق
denied-lead = لم يرَ ⁨{ $store }⁩ شيئًا من بياناتك، ولم يُحفظ شيء.
denied-again = إن كان ذلك سهوًا، فاطلب من الموظف رمزًا جديدًا.
ended-title = انتهت الزيارة
ended-lead = لم يعد لدى ⁨{ $store }⁩ وصول إلى ملفك. إن فعل ذلك شخص آخر فأخبر الموظف.
expired-title = انتهت صلاحية هذا الرمز
expired-lead = الرموز صالحة لخمس دقائق حتى لا يستخدمها غيرك لاحقًا. لم تتم مشاركة شيء.
expired-again = اطلب من الموظف رمزًا جديدًا وامسحه.
used-title = استُخدم هذا الرمز من قبل
used-lead = يعمل كل رمز مرة واحدة. إن لم تستخدمه أنت فأخبر الموظف الآن.
used-again = لتسجيل دخول آخر، امسح الرمز الجديد على الشاشة.
code-again = إدخال رمز

# المشكلات
problem-form-title = هذه الصفحة قديمة
problem-form-lead = فُتحت منذ وقت طويل أو في متصفح آخر. لم تتم مشاركة شيء. امسح الرمز على الشاشة مرة أخرى.
problem-request-title = لا يمكن متابعة تسجيل الدخول هذا
problem-request-lead = طلب الموقع الذي أرسلك إلى هنا ما لا يحق له طلبه. لم تتم مشاركة شيء.
problem-address-title = لا توجد صفحة كهذه
problem-address-lead = العنوان غير كامل أو فيه خطأ. لم تتم مشاركة شيء.
problem-address-again = لتسجيل الدخول في متجر، امسح الرمز على شاشته.
problem-service-title = حدث خطأ هنا
problem-service-lead = لا ذنب لك، ولم تتم مشاركة شيء. يرجى المحاولة بعد لحظة.

# ما وافق عليه
sign-in-lead-own = لمعرفة ما وافقت عليه.
done-receipt = إيصال
agreements-title = ما وافقت عليه
agreements-none = لا يتذكرك أي متجر.
agreements-here = المتاجر التي تتذكرك
agreements-until = حتى { $date }: { $parts }.
agreements-forget = نسياني هناك
agreements-log = كل ما وافقت عليه أو سحبته
agreements-given = موافقة
agreements-taken-back = سحب
receipt-title = إيصال
receipt-lead = ما تمت الموافقة عليه ومتى وكيف. يُحفظ هنا لك.
receipt-number = الرقم
receipt-who = لـ
receipt-purpose = الغرض
receipt-state = ما قيل
receipt-how = الطريقة
receipt-parts = ما يُحفظ
receipt-not-parts = ما لا يُحفظ
receipt-until = حتى
receipt-wording = نسخة النص
receipt-end = كيفية الإنهاء
receipt-end-text = في صفحة «ما وافقت عليه»، أو في المتجر، أو باختيار «هذه الزيارة فقط» في المرة القادمة.
receipt-download = تنزيل بصيغة JSON
purpose-remember = التذكّر في المتجر
purpose-email = أخبار بالبريد الإلكتروني
purpose-sms = أخبار بالرسائل القصيرة
purpose-personal = اقتراحات شخصية
purpose-ads = المطابقة مع شبكات الإعلان
purpose-other = غرض آخر
channel-web = المتجر الإلكتروني أو هذه الصفحة
channel-app = التطبيق
channel-store = المتجر
channel-social = شبكة تواصل
channel-other = مكان آخر
by-customer = منك
by-associate = من موظف نيابة عنك
by-other = من شخص آخر

date = { $day } { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
} { $year }
