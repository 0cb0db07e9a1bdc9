# スマートフォンのページ。{ $store } は店頭に書かれている店名。

# 枠
direction = ltr
list-gap = { "、" }
service-name = レジでのサインイン

# コードの入力
code-title = 画面のコードを入力してください
code-lead = レジの画面に8文字のコードが表示されています。有効時間は5分です。
code-label = コード
code-go = 続ける
code-not-here = 店舗のスタッフが電話、メール、メッセージでこのコードをお尋ねすることはありません。

# コードの間違い
wrong-title = このコードは見つかりません
wrong-lead = 画面と一文字ずつ見比べてください。期限が切れたコードは新しいコードに替わっています。
wrong-too-many = 入力の回数が多すぎます。10分お待ちいただくか、画面のコードを読み取ってください。

# サインイン
sign-in-title = サインイン
sign-in-lead = { $store }にプロフィールを共有します。
sign-in-lead-web = { $client }に進みます。
sign-in-code = 画面に表示されているコード：
sign-in-email = メールアドレス
sign-in-password = パスワード
sign-in-go = サインイン
sign-in-new = 初めてですか？
sign-in-register = アカウントを作成
sign-in-refuse = このレジにはいません
sign-in-wrong = メールアドレスとパスワードが一致しません。
sign-in-too-many = 試行回数が多すぎます。10分お待ちください。
demo-title = デモ
demo-lead = 架空の店舗と架空のお客様です。次のアカウントでサインインできます：

# アカウントの作成
register-title = アカウントを作成
register-lead = 2項目だけで作成できます。
register-password-hint = 8文字以上
register-go = アカウントを作成
register-known = アカウントをお持ちですか？
register-sign-in = サインイン
register-email-wrong = メールアドレスをご確認ください。
register-password-wrong = パスワードは8文字以上256文字以下にしてください。

# 同意
consent-title = このレジにプロフィールを共有しますか？
consent-title-staff = このレジにサインインしますか？
consent-code = 画面に同じコードが表示されていますか？
consent-sees = { $store }に表示される情報
scope-name = お名前と言語
scope-email = メールアドレス
scope-phone = 電話番号
scope-customer = オンラインショップ、アプリ、店舗、SNSでの会員情報、お好み、同意内容、ご利用履歴
scope-customers-read = この小売店のお客様の情報（こちらにお勤めのため）
consent-how-long = 期間をお選びください
visit-title = 今回のみ
visit-text = 接客の終了まで、最長1時間です。レジには何も残りません。
store-title = この店舗に保存する
store-text = お名前、連絡先、お好み、履歴、会員情報を、{ $store }のレジに暗号化して{ $date }まで保存します。
some-title = 保存する内容を選ぶ
some-text = 同じく{ $date }まで。お客様を見つけられるように、お名前は必ず含まれます。
store-end = いつでも終了できます。このページ、店頭、または次回「今回のみ」をお選びください。
keep-contact = 連絡先
keep-contact-text = メール、電話番号、誕生日、連携アカウント
keep-preferences = お好み
keep-preferences-text = お好みと同意内容
keep-activity = 履歴
keep-activity-text = ご購入、ご返品、閲覧、レビュー
keep-loyalty = 会員情報
keep-loyalty-text = 会員番号、ランク、ポイント、入会日
part-name = お名前
part-contact = 連絡先
part-preferences = お好み
part-activity = 履歴
part-loyalty = 会員情報
consent-warning = このレジにいない場合や、このページが誰かから送られてきた場合は「いいえ」をお選びください。
consent-no = いいえ
consent-yes = はい、共有します
consent-yes-staff = はい、サインインします
consent-as = サインイン中：
consent-other = 別の方ですか？
consent-how-long-staff = レジをロックするまで、最長1時間です。

# 終わり
done-title = 完了しました
done-show = この画面をスタッフにお見せください
done-compare = レジに同じ2文字が表示されます。違う場合はお知らせください。
done-visit = 接客が終わるまで、{ $store }にプロフィールが表示されます。
done-store = { $store }に{ $date }まで保存されます：{ $parts }
done-staff = このレジにサインインしました。
done-close = このページを閉じてかまいません。
done-not-me = 心当たりがありません
done-not-me-text = レジからプロフィールへのアクセスをすぐに終了します。
denied-title = 共有しませんでした
denied-lead = { $store }にお客様の情報は表示されていません。何も保存されていません。
denied-again = お間違いの場合は、スタッフに新しいコードをお申し付けください。
ended-title = 接客が終了しました
ended-lead = { $store }はプロフィールにアクセスできなくなりました。ご自身の操作でない場合は、スタッフにお知らせください。
expired-title = このコードは期限切れです
expired-lead = 後から他の人に使われないように、コードの有効時間は5分です。何も共有されていません。
expired-again = スタッフに新しいコードをお申し付けのうえ、読み取ってください。
used-title = このコードは使用済みです
used-lead = コードは一度だけ使えます。ご自身で使っていない場合は、すぐにスタッフにお知らせください。
used-again = もう一度サインインするには、画面の新しいコードを読み取ってください。
code-again = コードを入力

# 問題
problem-form-title = このページは古くなっています
problem-form-lead = 開いてから時間が経ったか、別のブラウザーで開かれました。何も共有されていません。画面のコードをもう一度読み取ってください。
problem-request-title = このサインインは続けられません
problem-request-lead = 移動元のウェブサイトが、許可されていない要求をしました。何も共有されていません。
problem-address-title = このページはありません
problem-address-lead = アドレスが不完全か、入力に誤りがあります。何も共有されていません。
problem-address-again = レジでサインインするには、画面のコードを読み取ってください。
problem-service-title = 問題が発生しました
problem-service-lead = お客様に問題はなく、何も共有されていません。少し待ってからもう一度お試しください。

# 同意した内容
sign-in-lead-own = 同意した内容を確認します。
done-receipt = 控え
agreements-title = 同意した内容
agreements-none = 保存している店舗はありません。
agreements-here = 保存している店舗
agreements-until = { $date }まで：{ $parts }
agreements-forget = この店舗から削除
agreements-log = 同意と撤回のすべての記録
agreements-given = 同意
agreements-taken-back = 撤回
receipt-title = 控え
receipt-lead = いつ、どのように、何に同意したかの記録です。ここに保管されます。
receipt-number = 番号
receipt-who = お名前
receipt-purpose = 目的
receipt-state = 内容
receipt-how = 方法
receipt-parts = 保存するもの
receipt-not-parts = 保存しないもの
receipt-until = 期限
receipt-wording = 文面の版
receipt-end = 終了の方法
receipt-end-text = 「同意した内容」のページ、店頭、または次回「今回のみ」で終了できます。
receipt-download = JSONでダウンロード
purpose-remember = 店舗での保存
purpose-email = メールでのお知らせ
purpose-sms = SMSでのお知らせ
purpose-personal = おすすめの表示
purpose-ads = 広告ネットワークとの照合
purpose-other = その他の目的
channel-web = オンラインショップまたはこのページ
channel-app = アプリ
channel-store = 店舗
channel-social = SNS
channel-other = その他
by-customer = ご本人
by-associate = スタッフが代理
by-other = その他の人

date = { $year }年{ $month }月{ $day }日
